import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";

/** A value of a definition's text with its offsets, whatever the text's format. */
export type SourceNode = ObjectNode | ArrayNode | ScalarNode;

interface Range {
  /** Offset of the first character. */
  readonly from: number;
  /** Offset after the last character. */
  readonly to: number;
}
interface ObjectNode extends Range {
  readonly kind: "object";
  readonly entries: readonly SourceEntry[];
}
export interface SourceEntry {
  readonly key: string;
  readonly keyRange: Range;
  readonly value: SourceNode;
}
interface ArrayNode extends Range {
  readonly kind: "array";
  readonly items: readonly SourceNode[];
}
interface ScalarNode extends Range {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
}

/** A syntax error in the text. */
export interface SyntaxFault {
  readonly message: string;
  readonly at: number;
}

/** Either the tree or the first error: a parser reports the consequences of an error as errors too. */
export type Parsed =
  | { readonly root: SourceNode; readonly fault?: never }
  | { readonly root?: never; readonly fault: SyntaxFault };

/** The maximum depth of a text, well below where recursion would overflow the stack. */
export const MAX_SOURCE_LEVELS = 200;

const jsonOf = (node: SourceNode): Json => {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.items.map(jsonOf);
  // An assignment to `__proto__` would set a prototype.
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, jsonOf(value)]));
};

export const objectOf = (node: SourceNode): JsonObject | undefined => {
  const value = jsonOf(node);
  return isJsonObject(value) ? value : undefined;
};

/**
 * Returns the offset of a path (`States.Charge.Next`, `Choices[0]`): that of a scalar's value, or of the name before an object
 * or array. Names may contain dots, so the longest matching name is used at each object. A missing field is located at its
 * parent.
 */
export const offsetOf = (root: SourceNode, path: string): number => {
  let node = root;
  let name: Range | undefined;
  let rest = path;
  for (;;) {
    const step = next(node, rest);
    if (step === undefined) return node.kind === "scalar" ? node.from : (name ?? node).from;
    node = step.node;
    name = step.name ?? name;
    rest = step.rest;
  }
};

interface Step {
  readonly node: SourceNode;
  readonly name?: Range;
  readonly rest: string;
}

const next = (node: SourceNode, path: string): Step | undefined => {
  if (path === "" || node.kind === "scalar") return undefined;
  if (node.kind === "array") {
    const index = /^\[(\d+)\]\.?/.exec(path);
    const item = index === null ? undefined : node.items[Number(index[1])];
    return index === null || item === undefined
      ? undefined
      : { node: item, name: item, rest: path.slice(index[0].length) };
  }
  let fitting: SourceEntry | undefined;
  for (const entry of node.entries) {
    const fits = path.startsWith(entry.key) && /^(?:$|[.[])/.test(path.slice(entry.key.length));
    if (fits && (fitting === undefined || entry.key.length > fitting.key.length)) fitting = entry;
  }
  return (
    fitting && {
      node: fitting.value,
      name: fitting.keyRange,
      rest: path.slice(fitting.key.length).replace(/^\./, ""),
    }
  );
};

/** Returns the path of the value or name at an offset, or "" if there is none. */
export const pathAt = (root: SourceNode, offset: number): string => {
  const parts: string[] = [];
  let node: SourceNode | undefined = root;
  while (node !== undefined) {
    if (node.kind === "object") {
      const entry: SourceEntry | undefined = node.entries.find(
        ({ keyRange, value }) => keyRange.from <= offset && offset < Math.max(keyRange.to, value.to),
      );
      if (entry !== undefined) parts.push(parts.length === 0 ? entry.key : `.${entry.key}`);
      node = entry?.value;
    } else if (node.kind === "array") {
      const index = node.items.findIndex(({ from, to }) => from <= offset && offset < to);
      if (index >= 0) parts.push(`[${index}]`);
      node = node.items[index];
    } else node = undefined;
  }
  return parts.join("");
};
