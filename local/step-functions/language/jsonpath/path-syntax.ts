import { remember } from "../limits/bounded-cache.ts";
import { StatesError } from "../values/types.ts";

type PathRoot =
  | { readonly kind: "input" }
  | { readonly kind: "context" }
  | { readonly kind: "variable"; readonly name: string };

/**
 * A definite path identifies one node; an indefinite path (wildcard, `..`, filter, slice, union) selects any number of nodes.
 */
export type ParsedPath = {
  readonly root: PathRoot;
  /** Several names in the last brackets: for each node, the result has an object with those of the members that exist. */
  readonly picks?: readonly string[];
} & (
  | { readonly kind: "definite"; readonly steps: readonly (string | number)[]; readonly length: boolean }
  | { readonly kind: "indefinite"; readonly query: string }
);

const variableRoot = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;
const slice = /^-?\d*:-?\d*(?::-?\d*)?$/;
const unionOfIndexes = /^-?\d+(?:\s*,\s*-?\d+)+$/;
const quotedNames =
  /^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*$/;
// Extensions of jsonpath-plus (parent, property name, type, escape) that AWS does not support.
const libraryOperators = /[\^~`@;]/;

const invalid = (path: string, why: string) =>
  new StatesError("States.Runtime", `Invalid path '${path}' : ${why}`);

function rootOf(path: string): { root: PathRoot; rest: string } {
  if (path.startsWith("$$")) return { root: { kind: "context" }, rest: path.slice(2) };
  const variable = variableRoot.exec(path)?.[1];
  if (variable !== undefined)
    return { root: { kind: "variable", name: variable }, rest: path.slice(1 + variable.length) };
  if (path.startsWith("$")) return { root: { kind: "input" }, rest: path.slice(1) };
  throw invalid(path, "a path begins with '$'");
}

/** The text between the bracket at `start` and its closing bracket; quotes and nested brackets are skipped. */
function bracketed(path: string, rest: string, start: number): string {
  let depth = 0;
  let quote = "";
  for (let at = start; at < rest.length; at += 1) {
    const char = rest.charAt(at);
    if (quote !== "") {
      if (char === "\\") at += 1;
      else if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (char === "[") depth += 1;
    else if (char === "]" && --depth === 0) return rest.slice(start + 1, at);
  }
  throw invalid(path, "a bracket is not closed");
}

/**
 * Returns a name without its quotes. As recorded from the service, a backslash is literal, except before the quote that
 * encloses the name: there it keeps the quote from ending the name.
 */
const unquoted = (quoted: string): string =>
  quoted.slice(1, -1).replaceAll(`\\${quoted.charAt(0)}`, quoted.charAt(0));

/** Words in a filter that are values, not strings. */
const literalWords = new Set(["true", "false", "null", "undefined"]);

/** As AWS does, treats a word without quotes in a filter as a string: `[?(@.state==open)]`. */
const withQuotedWords = (filter: string): string =>
  filter.replace(
    /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|([=<>]\s*)(\w[\w.+-]*)(?=\s*(?:$|[)&|]))/g,
    (whole, operator: string | undefined, word: string) =>
      operator === undefined || literalWords.has(word) || !Number.isNaN(Number(word))
        ? whole
        : `${operator}'${word}'`,
  );

function parse(path: string): ParsedPath {
  // Jayway's JsonPath, which AWS uses, ignores spaces around a path.
  const { root, rest } = rootOf(path.trim());
  const steps: (string | number)[] = [];
  let query = "$";
  let definite = true;
  let length = false;
  let picks: string[] | undefined;
  let at = 0;

  const name = (text: string) => {
    steps.push(text);
    if (!definite && libraryOperators.test(text))
      throw invalid(path, `'${text}' is not allowed in such a path`);
    query += `['${text}']`;
  };
  const bracket = (content: string) => {
    if (/^-?\d+$/.test(content)) {
      steps.push(Number(content));
      query += `[${content}]`;
    } else if (quotedNames.test(content)) {
      if (/^(['"])(?:(?!\1)[^\\]|\\.)*\1$/.test(content)) return name(unquoted(content));
      if (at === rest.length && !query.endsWith("..")) {
        picks = [...content.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g)].map(([quoted]) =>
          unquoted(quoted),
        );
        return;
      }
      definite = false;
      query += `[${content}]`;
    } else if (/^\?\(.*\)$/s.test(content)) {
      definite = false;
      query += `[${withQuotedWords(content)}]`;
    } else if (content === "*" || slice.test(content) || unionOfIndexes.test(content)) {
      definite = false;
      query += `[${content}]`;
    } else throw invalid(path, `'[${content}]' is not supported`);
  };

  while (at < rest.length) {
    if (rest.startsWith("..", at)) {
      definite = false;
      query += "..";
      at += 2;
      if (rest.charAt(at) === "[") continue;
    } else if (rest.charAt(at) === ".") {
      at += 1;
      // `$.[0]` and `$.[?(…)]` mean the same as without the dot.
      if (rest.charAt(at) === "[") continue;
    } else if (rest.charAt(at) === "[") {
      const content = bracketed(path, rest, at);
      at += content.length + 2;
      bracket(content.trim());
      continue;
    } else throw invalid(path, `'${rest.slice(at)}' was not expected`);

    const text = /^[^.[]+/.exec(rest.slice(at))?.[0] ?? "";
    at += text.length;
    if (text === "") throw invalid(path, "a property name is missing");
    if (text === "*") {
      definite = false;
      query += query.endsWith("..") ? "*" : "[*]";
    } else if (text === "length()" && definite && at === rest.length) length = true;
    else if (query.endsWith("..")) {
      if (libraryOperators.test(text)) throw invalid(path, `'${text}' is not allowed in such a path`);
      query += text;
    } else name(text);
  }
  const picked = picks === undefined ? {} : { picks };
  if (definite) return { root, kind: "definite", steps, length, ...picked };
  if (steps.some((step) => typeof step === "string" && libraryOperators.test(step))) {
    throw invalid(path, "it mixes wildcards with names that need quotes");
  }
  return { root, kind: "indefinite", query, ...picked };
}

/** Parses a JSONPath of Step Functions; fails with States.Runtime if it is invalid. */
export const parsePath = remember(1000, parse);
