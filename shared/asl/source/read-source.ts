import type { JsonObject } from "../../model/json/json.ts";
import { MAX_DEFINITION_BYTES } from "../parse/plain-json.ts";
import type { Problem } from "../parse/problems.ts";
import { looksLikeJson, parseJsonText } from "./json-text.ts";
import { objectOf, offsetOf, type Parsed, pathAt } from "./source-tree.ts";
import {
  Circular,
  type FilledText,
  fill,
  placeholdersIn,
  type Substitutions,
  TooLong,
  unescapeLiterals,
} from "./substitutions.ts";
import { parseYamlText, withoutComments } from "./yaml-text.ts";

/** A position in the user's text. Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}
export type PlacedProblem = Problem & Partial<Position>;

export type SourceReading =
  | {
      readonly ok: true;
      readonly definition: JsonObject;
      /** Returns the position of a path of the definition in the user's text. */
      readonly place: (path: string) => Position;
    }
  | {
      readonly ok: false;
      readonly errors: readonly PlacedProblem[];
      /** Names of placeholders that have no value. */
      readonly unfilled?: readonly string[];
    };

/**
 * Reads a definition's text, JSON or YAML, after filling its placeholders. Never throws.
 * @param standIn replaces the placeholders that have no value, which are errors otherwise. Escaped ones then stay escaped.
 */
export function readSource(
  written: string,
  substitutions: Substitutions,
  standIn?: (filled: FilledText) => FilledText,
): SourceReading {
  const text = written.replace(/^\uFEFF/, "");
  const wrong = (message: string): SourceReading => ({ ok: false, errors: [{ path: "", message }] });
  let filled: FilledText;
  try {
    filled = fill(text, substitutions);
  } catch (error) {
    if (error instanceof TooLong) return wrong(TOO_LARGE);
    if (!(error instanceof Circular)) throw error;
    const names = error.names.map((name) => `\${${name}}`).join(", ");
    return wrong(`The values of ${names} contain each other without end.`);
  }
  if (new TextEncoder().encode(filled.text).length > MAX_DEFINITION_BYTES) return wrong(TOO_LARGE);
  const positions = new Positions(text, filled);
  const unfilled = standIn === undefined ? unfilledIn(filled.text, positions) : undefined;
  if (unfilled !== undefined) return unfilled;

  const final = (standIn ?? unescapeLiterals)(filled);
  const places = new Positions(text, final);
  const parsed = parse(final.text);
  if (parsed.fault !== undefined) {
    const { message, at } = parsed.fault;
    return { ok: false, errors: [{ path: "", message, ...places.at(at) }] };
  }
  const { root } = parsed;
  const definition = objectOf(root);
  if (definition !== undefined)
    return { ok: true, definition, place: (path) => places.at(offsetOf(root, path)) };
  return {
    ok: false,
    errors: [{ path: "", message: "The definition must be an object.", ...places.at(root.from) }],
  };
}

const TOO_LARGE = `The definition's text exceeds ${MAX_DEFINITION_BYTES} bytes, the quota of Step Functions. Split it into several flows.`;

/**
 * JSON first, then YAML, as CloudFormation reads a definition. If the text is neither, the error is described in terms of the
 * format that it resembles.
 */
const parse = (text: string): Parsed => {
  if (!looksLikeJson(text)) return parseYamlText(text);
  const json = parseJsonText(text);
  if (json.fault === undefined || json.isSlip === true) return json;
  const yaml = parseYamlText(text);
  return yaml.fault === undefined ? yaml : json;
};

/** One error per name, at its first position. */
const unfilledIn = (text: string, positions: Positions): SourceReading | undefined => {
  if (placeholdersIn(text).length === 0) return undefined;
  const first = new Map<string, number>();
  for (const { name, at } of placeholdersIn(looksLikeJson(text) ? text : withoutComments(text))) {
    if (!first.has(name)) first.set(name, at);
  }
  if (first.size === 0) return undefined;
  const { root } = parse(text);
  const shown = [...first].slice(0, MAX_ERRORS);
  const errors = shown.map(([name, at]) => ({
    path: root === undefined ? "" : pathAt(root, at),
    message: `\${${name}} has no value. Give one in substitutions, or write \${!${name}} if you mean the text itself.`,
    ...positions.at(at),
  }));
  return { ok: false, errors, unfilled: shown.map(([name]) => name) };
};

/** The same limit as for other errors of a definition. */
const MAX_ERRORS = 100;

/** Translates offsets of the filled text to lines and columns of the user's. */
class Positions {
  readonly #filled: FilledText;
  /** Offset at which each line begins. */
  readonly #lines: number[] = [0];
  constructor(text: string, filled: FilledText) {
    this.#filled = filled;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lines.push(at + 1);
  }

  at(offset: number): Position {
    const origin = this.#filled.origin(offset);
    let [low, high] = [0, this.#lines.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lines[middle] ?? 0) <= origin) low = middle + 1;
      else high = middle;
    }
    return { line: low, column: origin - (this.#lines[low - 1] ?? 0) + 1 };
  }
}
