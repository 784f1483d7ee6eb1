import { randomInt } from "node:crypto";

/** Tries of one call, the first included. */
export const MAX_TRIES = 6;
const BASE_MS = 200;
const MAX_MS = 5_000;
/** A service that asks for more patience than this is unavailable. */
const MAX_ASKED_MS = 30_000;

/**
 * Whether a request that got this may be sent again. 429 means that nothing was done. After anything else it is unknown,
 * so only what may take effect twice is repeated.
 * @param status of the answer; undefined: no answer came
 */
export const mayRetry = (status: number | undefined, idempotent: boolean): boolean =>
  status === 429 || (idempotent && (status === undefined || [502, 503, 504].includes(status)));

/**
 * Milliseconds before the next try: full jitter under a bound that doubles, or what the service asks for.
 * @param tries made so far, from 1
 * @param retryAfter the header: seconds, or a date
 * @returns undefined where the service asks for more than is reasonable to wait
 */
export const delayBefore = (
  tries: number,
  retryAfter: string | null,
  now: number,
  random: (below: number) => number = (below) => randomInt(below),
): number | undefined => {
  const jitter = random(Math.min(MAX_MS, BASE_MS * 2 ** tries));
  const asked = retryAfter === null ? 0 : askedMilliseconds(retryAfter, now);
  return asked > MAX_ASKED_MS ? undefined : Math.max(asked, jitter);
};

const askedMilliseconds = (header: string, now: number): number => {
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
};
