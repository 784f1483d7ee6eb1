import { durationMilliseconds } from "../../shared/model/time/clock.ts";
import { usage } from "../failure.ts";

const two = (value: number): string => String(value).padStart(2, "0");

/** Formats a time of the API in the local zone, to the second: `2026-01-31 13:05:00`. */
export const localTime = (time: string | undefined): string => {
  if (time === undefined) return "";
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
};

/**
 * Reads a past time: ISO 8601, in the local zone if it names none, or a duration before now such as `P1D`.
 * @returns ISO 8601 UTC
 */
export const pastInstant = (text: string, now: number): string => instant(text, now, -1);

/** Reads a future time. A duration counts from now. */
export const futureInstant = (text: string, now: number): string => instant(text, now, 1);

const instant = (text: string, now: number, direction: 1 | -1): string => {
  const duration = durationMilliseconds(text);
  const time = duration === undefined ? isoTime(text) : now + direction * duration;
  if (Number.isNaN(new Date(time).getTime()))
    throw usage(
      `"${text}" is not a valid time. Use ISO 8601, such as 2026-01-31T12:00:00Z, or a duration, such as P3D or PT90M.`,
    );
  return new Date(time).toISOString();
};

/** `Date.parse` accepts much more than ISO 8601, depending on the engine. */
const isoTime = (text: string): number =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text.length === 10 ? `${text}T00:00` : text)
    : Number.NaN;
