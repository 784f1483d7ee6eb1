import { visible } from "./style.ts";

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  /** Applied after padding, so that widths do not count escape codes. */
  readonly paint?: (text: string, row: T) => string;
}

const GAP = "  ";
const width = (text: string): number => [...text].length;
const padded = (text: string, to: number): string => text + " ".repeat(Math.max(0, to - width(text)));
const shortened = (text: string, to: number): string =>
  width(text) <= to ? text : `${[...text].slice(0, Math.max(1, to - 1)).join("")}…`;

/**
 * Lays out rows under a line of titles, without the columns that are empty in every row.
 * @param columns width of the terminal, to which the last column is cut; undefined cuts nothing
 */
export const table = <T>(rows: readonly T[], all: readonly Column<T>[], columns?: number): string => {
  const texts = all.map(({ title, cell }) => ({
    title,
    cells: rows.map((row) => visible(cell(row))),
  }));
  const kept = all.flatMap((column, index) => {
    const { title = "", cells = [] } = texts[index] ?? {};
    return cells.every((cell) => cell === "")
      ? []
      : [{ ...column, cells, width: Math.max(width(title), ...cells.map(width)) }];
  });
  const last = kept.at(-1);
  if (last !== undefined && columns !== undefined) {
    const before = kept.slice(0, -1).reduce((sum, column) => sum + column.width + GAP.length, 0);
    last.width = Math.min(last.width, Math.max(10, columns - before));
  }
  const line = (
    cellOf: (column: (typeof kept)[number]) => [text: string, paint?: (text: string) => string],
  ) =>
    kept
      .map((column) => {
        const [text, paint = (same: string) => same] = cellOf(column);
        const fitted = shortened(text, column.width);
        return paint(column === last ? fitted : padded(fitted, column.width));
      })
      .join(GAP)
      .trimEnd();
  return [
    line((column) => [column.title]),
    ...rows.map((row, index) =>
      line((column) => {
        const { paint } = column;
        const text = column.cells[index] ?? "";
        return paint === undefined ? [text] : [text, (same) => paint(same, row)];
      }),
    ),
  ].join("\n");
};

/** Lays out fields, one per line, without those that have no value. */
export const fields = (pairs: readonly (readonly [name: string, value: string | undefined])[]): string => {
  const present = pairs.filter((pair): pair is readonly [string, string] => (pair[1] ?? "") !== "");
  const widest = Math.max(0, ...present.map(([name]) => width(name)));
  return present.map(([name, value]) => `${padded(name, widest)}${GAP}${value}`).join("\n");
};
