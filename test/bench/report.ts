/** One figure of a benchmark, with its floor and its target. */
export interface Line {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same work without Sluice, measured in the same run and unit. */
  readonly floor?: number;
  /** Interval of the ratio of the value to its floor: 95 % bootstrap, if there are samples. */
  readonly interval?: readonly [number, number];
  /** The limit of the figure. `of` selects the ratio to the floor, the lower end of its interval, or the value itself. */
  readonly mark?: {
    readonly of: "ratio" | "interval" | "value";
    readonly atMost?: number;
    readonly atLeast?: number;
  };
  readonly note?: string;
}
export interface Report {
  readonly part: string;
  readonly lines: readonly Line[];
}

interface BenchOptions {
  /** Runs small sizes, in seconds, that only show that the benchmark works. Their times mean little. */
  readonly quick: boolean;
  /** Whether to include the sizes that take half an hour. */
  readonly large: boolean;
}
export type Bench = (options: BenchOptions) => Promise<readonly Line[]>;

/** Progress messages, apart from the tables. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

const ratioOf = ({ value, floor }: Line): number | undefined =>
  floor === undefined || floor === 0 ? undefined : value / floor;

/** Undefined if the line has no target. */
export const isMet = (line: Line): boolean | undefined => {
  const { mark } = line;
  if (mark === undefined) return undefined;
  const figure = { value: line.value, ratio: ratioOf(line), interval: line.interval?.[0] }[mark.of];
  if (figure === undefined) return false;
  return figure <= (mark.atMost ?? Infinity) && figure >= (mark.atLeast ?? -Infinity);
};

const DIGITS = 4;
const number = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
const ratio = (value: number): string => value.toFixed(2);

const markText = (line: Line): string => {
  const { mark } = line;
  if (mark === undefined) return "";
  const limit = mark.atMost === undefined ? `≥ ${mark.atLeast}` : `≤ ${mark.atMost}`;
  return `${mark.of === "interval" ? "interval from " : ""}${limit}${mark.of === "value" ? "" : " ×"} ${isMet(line) ? "met" : "MISSED"}`;
};

const HEADS = ["", "figure", "floor", "ratio", "95 %", "mark", ""];

/** The part as a table of text. */
export const tableOf = ({ part, lines }: Report): string => {
  const rows = lines.map((line) => [
    line.name,
    `${number(line.value)} ${line.unit}`,
    line.floor === undefined ? "" : number(line.floor),
    ratioOf(line) === undefined ? "" : ratio(ratioOf(line) ?? 0),
    line.interval === undefined ? "" : line.interval.map(ratio).join("–"),
    markText(line),
    line.note ?? "",
  ]);
  const widths = HEADS.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const text = [HEADS, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [`\n${part}`, ...text].join("\n");
};
