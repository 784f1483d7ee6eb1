/** Attempts of one call, including the first. */
export const MAX_ATTEMPTS = 6;
const BASE_MS = 200;
const MAX_MS = 5_000;
/** A service that asks for a longer wait counts as unavailable. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * Whether a request may be sent again. 429 means that nothing happened. After any other outcome the first attempt may
 * have taken effect, so only an idempotent request is repeated.
 * @param status of the answer; undefined if none came
 */
export const mayRetry = (status: number | undefined, idempotent: boolean): boolean =>
  status === 429 || (idempotent && (status === undefined || [502, 503, 504].includes(status)));

/**
 * Milliseconds before the next attempt: full jitter under a bound that doubles, or the wait that the service asks for.
 * @param attempts made so far, from 1
 * @param retryAfter the header: seconds, or a date
 * @returns undefined if the service asks for an unreasonable wait
 */
export const delayBefore = (
  attempts: number,
  retryAfter: string | null,
  now: number,
  random: () => number = Math.random,
): number | undefined => {
  const jitter = random() * Math.min(MAX_MS, BASE_MS * 2 ** attempts);
  const asked = retryAfter === null ? 0 : askedMilliseconds(retryAfter, now);
  return asked > MAX_RETRY_AFTER_MS ? undefined : Math.max(asked, jitter);
};

const askedMilliseconds = (header: string, now: number): number => {
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
};
