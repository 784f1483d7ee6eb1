import type { Problem } from "../../../shared/model/api/problem.ts";
import { consoleConfig } from "../session/config.ts";
import { renewSession } from "../session/renew.ts";
import { session } from "../session/session.ts";
import { learnServerTime, serverNow } from "./server-time.ts";

/** A refusal by the server, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Partial<Problem>;
  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? `The server answered ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** The revision that the person has seen: a stale page is refused instead of applied. */
  readonly ifMatch?: number | undefined;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

const queryText = (query: Call["query"]): string => {
  const entries = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`;
};

const problemIn = (text: string): Partial<Problem> => {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return {};
  }
};

/**
 * The session's token. One that ended while the computer slept is renewed first: API Gateway's refusal of a token has no
 * CORS headers, so that this page could not read it.
 */
const currentToken = async (): Promise<string | undefined> => {
  const expiresAt = session.current()?.expiresAt;
  if (expiresAt !== undefined && expiresAt <= serverNow()) await renewSession();
  return session.current()?.token;
};

/** Calls the public API inside a workspace. Throws `ApiError`; a token that is not good any more ends the session. */
export const call = async <T>(workspace: string, path: string, options: Call = {}): Promise<T> => {
  const { apiUrl = "" } = await consoleConfig();
  const token = await currentToken();
  const answer = await send(
    `${apiUrl}/v1/workspaces/${encodeURIComponent(workspace)}${path}${queryText(options.query)}`,
    token,
    options,
  );
  learnServerTime(answer);
  const text = await answer.text();
  if (answer.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  if (answer.status === 401 && session.current()?.token === token) session.end();
  throw new ApiError(answer.status, problemIn(text));
};

const send = (url: string, token: string | undefined, options: Call): Promise<Response> => {
  const { method = "GET", body, ifMatch, idempotencyKey, signal } = options;
  return fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(ifMatch === undefined ? {} : { "if-match": `"${ifMatch}"` }),
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
};
