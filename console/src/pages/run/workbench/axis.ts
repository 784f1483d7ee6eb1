import { durationText } from "../../../components/format.ts";

/** The time that the chart shows, in epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Distances between two marks, in milliseconds. */
const DISTANCES = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

export interface Mark {
  /** Part of the axis before the mark, from 0 to 1. */
  readonly at: number;
  readonly label: string;
}

/** Returns at most `most` marks at round distances, labelled with the time since the beginning. */
export const marksOn = ({ from, to }: Span, most: number): Mark[] => {
  const length = to - from;
  const distance = DISTANCES.find((one) => length / one < most) ?? DISTANCES.at(-1) ?? length;
  const marks: Mark[] = [];
  for (let time = 0; time < length && marks.length < most; time += distance)
    marks.push({ at: time / length, label: time === 0 ? "0" : shortText(time) });
  return marks;
};

/** `2 h` instead of `2 h 0 min`. */
const shortText = (time: number): string =>
  durationText(time)
    .replace(/ 0 \S+$/, "")
    .replace(/\.0 s$/, " s");

/** Returns where a stretch lies on the axis: the parts of it before the stretch and within it, from 0 to 1. */
export const placeOn = (
  { from, to }: Span,
  begin: number,
  end: number,
): { readonly left: number; readonly width: number } => {
  const part = (time: number) => Math.min(1, Math.max(0, (time - from) / (to - from)));
  return { left: part(begin), width: part(end) - part(begin) };
};
