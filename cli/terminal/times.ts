import { durationMilliseconds } from "../../shared/model/time/duration.ts";
import { usage } from "../failure.ts";

const two = (value: number): string => String(value).padStart(2, "0");

/** An API's time in the local zone, to the second: `2026-01-31 13:05:00`. */
export const localTime = (time: string | undefined): string => {
  if (time === undefined) return "";
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
};

/**
 * A time as a person gives one: ISO 8601 (without a zone: the local one), or a duration before now such as `P1D`.
 * @returns ISO 8601 UTC
 */
export const pastInstant = (text: string, now: number): string => instant(text, now, -1);

/** The same, a duration being one from now on. */
export const futureInstant = (text: string, now: number): string => instant(text, now, 1);

const instant = (text: string, now: number, direction: 1 | -1): string => {
  const duration = durationMilliseconds(text);
  const time = duration === undefined ? isoTime(text) : now + direction * duration;
  if (Number.isNaN(new Date(time).getTime()))
    throw usage(
      `"${text}" is no time: give ISO 8601 such as 2026-01-31T12:00:00Z, or a duration such as P3D or PT90M.`,
    );
  return new Date(time).toISOString();
};

/** `Date.parse` takes much more than ISO 8601, each machine its own. */
const isoTime = (text: string): number =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text.length === 10 ? `${text}T00:00` : text)
    : Number.NaN;
