import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";
import { delayBefore, MAX_TRIES, mayRetry } from "./retry.ts";

/** API Gateway itself gives up after 30 seconds. */
const TIMEOUT_MS = 35_000;

/**
 * A request with patience for a service that is throttled, unavailable or cannot be reached.
 * @param idempotent it may take effect twice
 * @throws CliFailure (unavailable) where no answer came; any answer is returned, the last 429 or 503 too
 */
export const fetchPatiently = async (
  url: string,
  init: RequestInit,
  idempotent: boolean,
): Promise<Response> => {
  let unclear = false;
  for (let tries = 1; ; tries += 1) {
    const answer = await fetchWhole(url, init).catch((error: unknown) => ({ status: undefined, error }));
    // An earlier try of this delete may be the one that found it.
    if (answer.status === 404 && init.method === "DELETE" && unclear)
      return new Response(null, { status: 204 });
    const retryAfter = answer instanceof Response ? answer.headers.get("retry-after") : null;
    const delay = delayBefore(tries, retryAfter, Date.now());
    if (!mayRetry(answer.status, idempotent) || tries === MAX_TRIES || delay === undefined) {
      if (answer instanceof Response) return answer;
      throw unreachable(url, answer.error);
    }
    unclear ||= answer.status !== 429;
    await sleep(delay);
  }
};

/** An answer counts as one when all of it has come. */
const fetchWhole = async (url: string, init: RequestInit): Promise<Response> => {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body = await response.arrayBuffer();
  const { status, headers } = response;
  return new Response(body.byteLength === 0 ? null : body, { status, headers });
};

const unreachable = (url: string, error: unknown): CliFailure => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const detail = `${new URL(url).origin} cannot be reached: ${why}`;
  return new CliFailure(EXIT.unavailable, { code: "unreachable", detail }, error);
};
