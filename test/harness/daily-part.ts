const DAY_MS = 86_400_000;

/**
 * Returns the number, from 0, of the part that is tested today, where `npm test` plays another of `parts` parts each day. TEST_DAY, in
 * days since 1970, plays the part of another day.
 */
export const dailyPart = (parts: number): number =>
  Number(process.env["TEST_DAY"] ?? Math.floor(Date.now() / DAY_MS)) % parts;
