/** A number of things: `1 run`, `1,200 runs`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;

const two = (n: number): string => String(n).padStart(2, "0");

/** Epoch milliseconds in the format of a datetime-local input: in the viewer's zone, without naming it. */
export const localTimeText = (time: number): string => {
  const at = new Date(time);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
};

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** The two largest units: `3 d 4 h`, `5 min 0 s`, `2.4 s`; below a second, milliseconds. */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[first] ?? ["s", 1];
  const next = UNITS[first + 1];
  const whole = Math.floor(seconds / size);
  return next === undefined
    ? `${whole} ${unit}`
    : `${whole} ${unit} ${Math.floor((seconds % size) / next[1])} ${next[0]}`;
};

/** A time so near in the future is one that has just been. */
export const JUST_NOW_MS = 20_000;
const RELATIVE = new Intl.RelativeTimeFormat("en");
const DAY = 86_400_000;
const RELATIVE_UNITS = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["day", DAY],
  ["hour", DAY / 24],
  ["minute", 60_000],
] as const;

/** A distance from now in its largest unit: `5 minutes ago`, `in 13 days`. */
export const relativeText = (milliseconds: number): string => {
  const [unit, size] = RELATIVE_UNITS.find(([, length]) => Math.abs(milliseconds) >= length) ?? [];
  if (unit !== undefined) return RELATIVE.format(Math.trunc(milliseconds / size), unit);
  return milliseconds > JUST_NOW_MS ? "in less than a minute" : "just now";
};
