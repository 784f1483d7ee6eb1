const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Nanoseconds since the epoch of a time in the Amazon States Language's profile of RFC 3339: `T` and `Z` in upper case, seconds
 * and an offset required, a fraction of up to nine digits. Undefined for any other string.
 */
export function parseTimestamp(text: string): bigint | undefined {
  const parts = rfc3339.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const sign = parts[8] === "-" ? -1 : 1;
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 18 || offsetMinutes > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A month or day out of range rolls over to another date.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const milliseconds = date.getTime() - sign * (offsetHours * 60 + offsetMinutes) * 60_000;
  return BigInt(milliseconds) * 1_000_000n + BigInt((parts[7] ?? "").padEnd(9, "0"));
}
