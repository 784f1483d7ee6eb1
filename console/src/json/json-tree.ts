/** A line of the viewer. Values that are open have a line for their begin and one for their end. */
export interface JsonRow {
  /** The JSONPath of the value. The end and the rest of a value have the value's path. */
  readonly path: string;
  readonly depth: number;
  readonly kind: "leaf" | "open" | "folded" | "end" | "rest";
  /** The field's name; undefined for items of an array and for the whole. */
  readonly name: string | undefined;
  readonly value: unknown;
  /** Whether another value follows. */
  readonly hasNext: boolean;
}

/** The parts of a tree that are shown. */
export interface JsonShown {
  readonly isOpen: (path: string) => boolean;
  /** The number of a value's items that are shown. */
  readonly items: (path: string) => number;
}

/** Items of a value that are shown at first, and with each request for more. */
export const ITEMS_AT_ONCE = 100;
/** A longer text is folded. */
export const MAX_TEXT = 300;
/** Rows that are open at first. */
const ROWS_AT_FIRST = 200;
const MAX_MATCHES = 1_000;

type Key = string | number;

const entriesOf = (value: unknown): readonly (readonly [Key, unknown])[] | undefined => {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === "object" && value !== null ? Object.entries(value) : undefined;
};

/** The number of items of an array or object; undefined for another value. */
export const sizeOf = (value: unknown): number | undefined => {
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
};

/** Whether the value has lines that can be hidden: a long text, or an array or object with items. */
const isFoldable = (value: unknown): boolean =>
  typeof value === "string" ? value.length > MAX_TEXT : (sizeOf(value) ?? 0) > 0;

const childPath = (path: string, key: Key): string => {
  if (typeof key === "number") return `${path}[${key}]`;
  if (/^[A-Za-z_]\w*$/.test(key)) return `${path}.${key}`;
  return `${path}['${key.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']`;
};

/** The lines of a value, as far as they are shown. */
export const rowsOf = (root: unknown, shown: JsonShown): JsonRow[] => {
  const rows: JsonRow[] = [];
  const add = (value: unknown, place: Pick<JsonRow, "path" | "depth" | "name" | "hasNext">): void => {
    const isOpen = isFoldable(value) && shown.isOpen(place.path);
    const kind = isOpen ? "open" : isFoldable(value) ? "folded" : "leaf";
    rows.push({ ...place, value, kind });
    const entries = isOpen ? entriesOf(value) : undefined;
    if (entries === undefined) return;
    const { path } = place;
    const depth = place.depth + 1;
    const count = Math.min(entries.length, shown.items(path));
    for (const [index, [key, item]] of entries.slice(0, count).entries()) {
      const name = typeof key === "string" ? key : undefined;
      add(item, { path: childPath(path, key), depth, name, hasNext: index + 1 < entries.length });
    }
    if (count < entries.length)
      rows.push({
        path,
        depth,
        kind: "rest",
        name: undefined,
        value: entries.length - count,
        hasNext: false,
      });
    rows.push({ ...place, value, kind: "end" });
  };
  add(root, { path: "$", depth: 0, name: undefined, hasNext: false });
  return rows;
};

/** The paths that are open at first: level by level, as long as the rows are few. */
export const openAtFirst = (root: unknown): ReadonlySet<string> => {
  const open = new Set<string>();
  let rows = 1;
  let level: (readonly [path: string, value: unknown])[] = [["$", root]];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const [path, value] of level) {
      const entries = entriesOf(value) ?? [];
      const shown = entries.slice(0, ITEMS_AT_ONCE);
      if (shown.length === 0 || (rows + shown.length > ROWS_AT_FIRST && path !== "$")) continue;
      rows += shown.length + 1;
      open.add(path);
      next.push(...shown.map(([key, item]) => [childPath(path, key), item] as const));
    }
    level = next;
  }
  return open;
};

/** A value that contains a searched text, or whose name does, and what must be open to show it. */
export interface JsonMatch {
  readonly path: string;
  readonly within: readonly (readonly [path: string, index: number])[];
}

/** The first values that contain the text in their name, or as a text, number, boolean or null, ignoring case. */
export const matchesOf = (root: unknown, text: string): JsonMatch[] => {
  const found: JsonMatch[] = [];
  const asked = text.toLowerCase();
  const has = (part: unknown): boolean => String(part).toLowerCase().includes(asked);
  const visit = (key: Key | undefined, value: unknown, match: JsonMatch): void => {
    if (found.length >= MAX_MATCHES) return;
    const entries = entriesOf(value);
    if ((typeof key === "string" && has(key)) || (entries === undefined && has(value))) found.push(match);
    for (const [index, [name, item]] of (entries ?? []).entries())
      visit(name, item, {
        path: childPath(match.path, name),
        within: [...match.within, [match.path, index]],
      });
  };
  if (text !== "") visit(undefined, root, { path: "$", within: [] });
  return found;
};

/** The value at a path of a row. */
export const valueAt = (rows: readonly JsonRow[], path: string): unknown =>
  rows.find((row) => row.path === path && row.kind !== "rest")?.value;
