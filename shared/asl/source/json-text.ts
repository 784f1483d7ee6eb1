import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { firstRounded } from "../../model/json/json-numbers.ts";
import { MAX_SOURCE_LEVELS, type Parsed, type SourceNode, type SyntaxFault } from "./source-tree.ts";

/** Descriptions of syntax errors, by jsonc-parser's error codes. */
const WORDS: Readonly<Record<string, string>> = {
  InvalidSymbol: "Unknown word. Text needs double quotes; other values are numbers, true, false and null.",
  InvalidNumberFormat: "This is not a valid JSON number.",
  PropertyNameExpected:
    "A name in double quotes is missing here. Remove the comma before it, or add a field.",
  ValueExpected: "A value is missing here. Remove the comma before it, or add a value.",
  ColonExpected: "A colon is missing here.",
  CommaExpected: "A comma is missing before this.",
  CloseBraceExpected: "A closing } is missing here.",
  CloseBracketExpected: "A closing ] is missing here.",
  EndOfFileExpected: "There is more text after the end of the definition.",
  InvalidCommentToken: "JSON has no comments. Use the field Comment of a state, or write the flow in YAML.",
  UnexpectedEndOfComment:
    "JSON has no comments. Use the field Comment of a state, or write the flow in YAML.",
  UnexpectedEndOfString: "The closing double quote is missing. Write a line break in a string as \\n.",
  UnexpectedEndOfNumber: "This is not a valid JSON number.",
  InvalidUnicode: "\\u needs four hexadecimal digits.",
  InvalidEscapeCharacter: 'Unknown escape. A backslash is written \\\\, a double quote \\".',
  InvalidCharacter: "A control character must be escaped, for example \\n or \\t.",
};

export const TOO_DEEP = `The definition is nested more than ${MAX_SOURCE_LEVELS} levels deep.`;

export const ROUNDED = "This number has more digits than JavaScript can represent. Write it as a string.";

/**
 * Whether the text is intended as JSON. A JSON object is valid YAML too, but its errors should be described in terms of JSON.
 */
export const looksLikeJson = (text: string): boolean => /^\s*(?:\{|\/[/*])/.test(text);

/**
 * Parses strictly: no comments, no trailing commas, no duplicate names in an object. `isSlip` marks errors that YAML would
 * accept with a meaning that nobody intends: a comment as text, a missing value as null.
 */
export const parseJsonText = (text: string): Parsed & { readonly isSlip?: boolean } => {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    // Its parser is recursive.
    if (error instanceof RangeError) return { fault: { message: TOO_DEEP, at: 0 } };
    throw error;
  }
  const [first] = errors.sort((a, b) => a.offset - b.offset);
  if (first !== undefined) {
    const name = printParseErrorCode(first.error);
    const message = WORDS[name] ?? "This is not valid JSON.";
    const lacksValue = name === "ValueExpected" && text.slice(0, first.offset).trimEnd().endsWith(":");
    return { fault: { message, at: first.offset }, isSlip: lacksValue || /Comment/.test(name) };
  }
  if (root === undefined) return { fault: { message: "The definition is empty.", at: 0 } };
  const rounded = firstRounded(text);
  if (rounded !== undefined) return { fault: { message: ROUNDED, at: rounded.at } };
  return readTree(root);
};

const readTree = (root: Node): Parsed => {
  let fault: SyntaxFault | undefined;
  const read = (node: Node, level: number): SourceNode => {
    const range = { from: node.offset, to: node.offset + node.length };
    if (level > MAX_SOURCE_LEVELS) {
      fault ??= { message: TOO_DEEP, at: node.offset };
      return { ...range, kind: "scalar", value: null };
    }
    if (node.type === "array") {
      return { ...range, kind: "array", items: (node.children ?? []).map((item) => read(item, level + 1)) };
    }
    if (node.type !== "object") return { ...range, kind: "scalar", value: node.value };
    const names = new Set<string>();
    const entries = (node.children ?? []).flatMap(({ children: [name, value] = [] }) => {
      if (name === undefined || value === undefined) return [];
      const key = String(name.value);
      if (names.has(key)) fault ??= { message: twice(key), at: name.offset };
      names.add(key);
      const keyRange = { from: name.offset, to: name.offset + name.length };
      return [{ key, keyRange, value: read(value, level + 1) }];
    });
    return { ...range, kind: "object", entries };
  };
  const tree = read(root, 1);
  return fault === undefined ? { root: tree } : { fault };
};

/** The error of a duplicate name in an object. A parser would keep only the last one. */
export const twice = (key: string): string =>
  `"${key}" occurs twice in this object. Rename or remove one of them.`;
