import { ApiError } from "./api-error.ts";
import { delayBefore, MAX_ATTEMPTS, mayRetry } from "./retry.ts";

/** API Gateway itself gives up after 30 seconds. */
const TIMEOUT_MS = 35_000;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Whether and when a request is repeated while the service throttles, is unavailable or cannot be reached. */
export type Repeat = "never" | "after-429" | "idempotent";

/**
 * Sends a request and reads its whole answer.
 * @returns any answer, including the last 429 or 503
 * @throws ApiError `unreachable` if none came
 */
export const send = async (
  url: string,
  init: RequestInit,
  repeat: Repeat,
  fetch: Fetch = globalThis.fetch,
): Promise<Response> => {
  let uncertain = false;
  for (let attempts = 1; ; attempts += 1) {
    const answer = await attempt(url, init, fetch);
    // An earlier attempt of this delete may have taken effect.
    if (answer.status === 404 && init.method === "DELETE" && uncertain)
      return new Response(null, { status: 204 });
    const retryAfter = answer instanceof Response ? answer.headers.get("retry-after") : null;
    const delay = delayBefore(attempts, retryAfter, Date.now());
    const again = repeat !== "never" && mayRetry(answer.status, repeat === "idempotent");
    if (!again || attempts === MAX_ATTEMPTS || delay === undefined) {
      if (answer instanceof Response) return answer;
      throw unreachable(url, answer.error);
    }
    uncertain ||= answer.status !== 429;
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
};

/** A response counts once all of it has arrived. */
const attempt = async (
  url: string,
  init: RequestInit,
  fetch: Fetch,
): Promise<Response | { readonly status: undefined; readonly error: unknown }> => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  try {
    // A redirect is not part of the API, and would carry the token elsewhere.
    const response = await fetch(url, { redirect: "error", ...init, signal });
    const body = await response.arrayBuffer();
    const { status, headers } = response;
    return new Response(body.byteLength === 0 ? null : body, { status, headers });
  } catch (error) {
    init.signal?.throwIfAborted();
    return { status: undefined, error };
  }
};

const unreachable = (url: string, error: unknown): ApiError => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const service = url.startsWith("/") ? "the service" : new URL(url).origin;
  return new ApiError("unreachable", `Cannot reach ${service}: ${why}`, { cause: error });
};
