import type { Json } from "../../../shared/model/json/json.ts";

/** A name of a field, or ITEM for the items of an array. */
export type Segment = string;
export const ITEM = "[]";

/** The use that a flow makes of a value. */
export type Kind = "any" | "array" | "number" | "boolean" | "time" | "json text" | "base64" | "object";

/** The field is sometimes absent. */
export const ABSENT = Symbol("absent");

/** One place of a definition where it reads a value. */
export interface Use {
  readonly path: readonly Segment[];
  readonly kind: Kind;
  /** Values that make a difference to the flow. */
  readonly values: readonly (Json | typeof ABSENT)[];
}

export const use = (path: readonly Segment[], kind: Kind = "any", values: Use["values"] = []): Use => ({
  path,
  kind,
  values,
});

const STEP =
  /^(?:\.{1,2}(?<dotted>[^.[\]()\s,]+)|\.*\[\s*(?<quote>['"])(?<quoted>.*?)\k<quote>[^\]]*\]|\.*\[\?\s*\(?(?<filter>[^\]]*)\]|\.*\[(?<index>[^\]]*)\])/;

/** Returns the paths that a JSONPath reads. Paths in its filters belong to the items that they select. */
export function usesOfPath(text: string, kind: Kind = "any", values: Use["values"] = []): Use[] {
  const found: Use[] = [];
  const variable = /^\$(\w+)/.exec(text)?.[1];
  const path: Segment[] = variable === undefined ? [] : [variable];
  const isLength = text.trimEnd().endsWith(".length()");
  let rest = text
    .trimEnd()
    .replace(/^\$\w*/, "")
    .replace(/\.length\(\)$/, "");
  for (let step = STEP.exec(rest); step !== null && rest !== ""; step = STEP.exec(rest)) {
    const { dotted, quoted, filter } = step.groups ?? {};
    const name = dotted ?? quoted;
    if (name === "*") path.push(ITEM);
    else if (name !== undefined) path.push(name);
    else {
      path.push(ITEM);
      if (filter !== undefined) found.push(...usesOfFilter(filter, path));
    }
    rest = rest.slice(step[0].length);
  }
  return [...found, use(path, isLength ? "array" : kind, values)];
}

const COMPARISON =
  /@(?<path>[\w.[\]'"*]*)\s*(?:(?<operator>==|!=|<=?|>=?|=~)\s*(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<literal>[-+\w.]+)))?/g;

function usesOfFilter(filter: string, array: readonly Segment[]): Use[] {
  return [...filter.matchAll(COMPARISON)].flatMap(({ groups = {} }) => {
    const { path = "", single, double, literal } = groups;
    const text = single ?? double;
    const value = text ?? literalOf(literal);
    return usesOfPath(
      `$${path}`,
      typeof value === "number" ? "number" : "any",
      value === undefined ? [] : [value],
    ).map((inner) => ({ ...inner, path: [...array, ...inner.path] }));
  });
}

function literalOf(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  // A word without quotes is a string.
  return Number.isNaN(number) ? text : number;
}
