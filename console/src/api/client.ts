import { useSyncExternalStore } from "react";
import { createClient } from "../../../shared/client/client.ts";
import { consoleConfig } from "../session/config.ts";
import { noteReachable } from "../session/connection.ts";
import { renewSession } from "../session/issuer.ts";
import { session } from "../session/session.ts";

let offset = 0;
const clockListeners = new Set<() => void>();

/** Reads the server's time from an answer, so that countdowns are right even if the computer's clock is wrong. */
const learnServerTime = (answer: Response): void => {
  const date = Date.parse(answer.headers.get("date") ?? "");
  // The header has a precision of one second.
  if (!Number.isFinite(date) || Math.abs(date - Date.now() - offset) <= 1_500) return;
  offset = date - Date.now();
  for (const listener of clockListeners) listener();
};

/** The server's time in epoch milliseconds. */
export const serverNow = (): number => Date.now() + offset;

/** Calls the listener whenever the server's clock turns out to differ from what was known. */
export const onClockChange = (listener: () => void): (() => void) => {
  clockListeners.add(listener);
  return () => clockListeners.delete(listener);
};

/** Milliseconds by which the server's clock is ahead of this computer's. */
export const useClockOffset = (): number => useSyncExternalStore(onClockChange, () => offset);

/** Sends a request, and records whether the service could be reached. */
const send = async (url: string, init?: RequestInit): Promise<Response> => {
  try {
    if (!navigator.onLine) throw new Error("this browser is offline. Nothing was sent");
    const response = await fetch(url, init);
    noteReachable(true);
    return response;
  } catch (error) {
    if (init?.signal?.aborted !== true) noteReachable(false);
    throw error;
  }
};

/** Asks whether the service can be reached again. */
export const probe = async (): Promise<void> => {
  const { apiUrl = "" } = await consoleConfig();
  await send(`${apiUrl}/healthz`).catch(() => undefined);
};

/** The public API, called with the session's token. */
export const api = createClient({
  url: "",
  fetch: async (path, init) => {
    const { apiUrl = "" } = await consoleConfig();
    const response = await send(apiUrl + path, init);
    learnServerTime(response);
    return response;
  },
  token: async (rejected) => {
    if (rejected !== undefined && session.current()?.token === rejected) session.end();
    // A token that expired while the computer slept is renewed before it is sent: API Gateway's answer to an expired
    // token has no CORS headers, so this page could not read it.
    const expiresAt = session.current()?.expiresAt;
    if (expiresAt !== undefined && expiresAt <= serverNow()) await renewSession();
    return session.current()?.token;
  },
});
