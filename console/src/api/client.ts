import { createClient } from "../../../shared/client/client.ts";
import { consoleConfig } from "../session/config.ts";
import { renewSession } from "../session/issuer.ts";
import { session } from "../session/session.ts";

let offset = 0;

/** Reads the server's time from an answer, so that countdowns are right even if the computer's clock is wrong. */
const learnServerTime = (answer: Response): void => {
  const date = Date.parse(answer.headers.get("date") ?? "");
  // The header has a precision of one second.
  if (Number.isFinite(date) && Math.abs(date - Date.now() - offset) > 1_500) offset = date - Date.now();
};

/** The server's time in epoch milliseconds. */
export const serverNow = (): number => Date.now() + offset;

/** The public API, called with the session's token. */
export const api = createClient({
  url: "",
  fetch: async (path, init) => {
    const { apiUrl = "" } = await consoleConfig();
    const response = await fetch(apiUrl + path, init);
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
