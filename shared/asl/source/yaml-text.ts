import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  parseDocument,
  type Scalar,
} from "yaml";
import { firstRounded } from "../../model/json/json-numbers.ts";
import { MAX_DEFINITION_BYTES } from "../parse/plain-json.ts";
import { ROUNDED, TOO_DEEP, twice } from "./json-text.ts";
import {
  MAX_SOURCE_LEVELS,
  type Parsed,
  type SourceEntry,
  type SourceNode,
  type SyntaxFault,
} from "./source-tree.ts";

/** Descriptions of syntax errors, by yaml's error codes. For other codes, yaml's own message is used. */
const WORDS: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    "A second colon makes this value look like an object. Put the value in quotes, or correct the indentation.",
  MULTILINE_IMPLICIT_KEY: "This line is neither a field nor part of a value. Correct its indentation.",
  BLOCK_IN_FLOW: "A comma is missing before this, or a closing } or ].",
  TAB_AS_INDENT: "YAML is indented with spaces. Replace the tab.",
  MULTIPLE_DOCS: "A second document begins here. A file contains one flow.",
  RESOURCE_EXHAUSTION: TOO_DEEP,
  KEY_OVER_1024_CHARS: "A name has at most 1,024 characters.",
};

/**
 * Parses YAML 1.2 with its core schema, as Step Functions' own tools do: dates, `on` and `yes` are strings. Anchors are
 * followed, within limits against texts that grow out of proportion. Custom tags are rejected.
 */
export const parseYamlText = (text: string): Parsed => {
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, logLevel: "error", schema: "core" });
  } catch (error) {
    // Its composer is recursive.
    if (error instanceof RangeError) return { fault: { message: TOO_DEEP, at: 0 } };
    throw error;
  }
  const [first] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) {
    const [at, to] = first.pos;
    const there = first.code === "DUPLICATE_KEY" ? keyAt(text, at) : text.slice(at, to);
    return { fault: { message: words(first.code, first.message, there), at } };
  }
  if (document.contents === null) return { fault: { message: "The definition is empty.", at: 0 } };
  return new Reader(document).read(document.contents);
};

/** A key in quotes, or up to its colon. */
const KEY = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\n]*?(?=\s*:(?:\s|$))/y;

/** Returns the key that begins at the offset, without its quotes. */
const keyAt = (text: string, offset: number): string => {
  KEY.lastIndex = offset;
  const [key = ""] = KEY.exec(text) ?? [];
  return key.replace(/^(["'])(.*)\1$/, "$2");
};

const words = (code: string, message: string, at: string): string => {
  if (code === "DUPLICATE_KEY") return twice(at);
  if (code === "TAG_RESOLVE_FAILED") {
    const [tag] = /^!\S*/.exec(at) ?? ["This tag"];
    return `${tag} is not part of a flow's YAML. A CloudFormation or SAM template is published by the command line: sluice flows publish --template.`;
  }
  if (/^Missing closing .quote/.test(message)) return "The closing quote of this text is missing.";
  return `${(WORDS[code] ?? message).replace(/[.]?$/, ".")}`;
};

/** Converts yaml's nodes into the tree. An anchor's content is read again for each alias, so that the work is counted. */
class Reader {
  readonly #document: Document.Parsed;
  readonly #anchors = new Map<Alias.Parsed, ParsedNode | undefined>();
  #characters = 0;
  #fault: SyntaxFault | undefined;
  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  read(contents: ParsedNode): Parsed {
    const root = this.#node(contents, 1);
    return this.#fault === undefined ? { root } : { fault: this.#fault };
  }

  #node(node: ParsedNode, level: number): SourceNode {
    const [from, to] = node.range;
    const range = { from, to };
    const nothing: SourceNode = { ...range, kind: "scalar", value: null };
    if (this.#fault !== undefined) return nothing;
    if (level > MAX_SOURCE_LEVELS) return this.#refuse(TOO_DEEP, from);
    // Each node takes at least one character of JSON, and usually two.
    if (!this.#count(2)) return nothing;
    if (isAlias(node)) {
      const content = this.#anchored(node);
      if (content === undefined) return this.#refuse(`No anchor &${node.source} comes before this.`, from);
      return this.#node(content, level + 1);
    }
    if (isSeq(node)) {
      return { ...range, kind: "array", items: node.items.map((item) => this.#node(item, level + 1)) };
    }
    if (isMap(node)) {
      return {
        ...range,
        kind: "object",
        entries: node.items.map((pair) => this.#entry(pair.key, pair.value, level)),
      };
    }
    return this.#scalar(node as Scalar.Parsed, range);
  }

  #anchored(alias: Alias.Parsed): ParsedNode | undefined {
    // yaml searches the whole document.
    if (!this.#anchors.has(alias))
      this.#anchors.set(alias, alias.resolve(this.#document) as ParsedNode | undefined);
    return this.#anchors.get(alias);
  }

  #entry(key: ParsedNode, value: ParsedNode | null, level: number): SourceEntry {
    const [from, to] = key.range;
    const keyRange = { from, to };
    const name = isScalar(key) && key.value !== null ? (key.source ?? String(key.value)) : undefined;
    if (name === undefined) this.#refuse("The name of a field must be a string.", from);
    else this.#count(name.length);
    const nothing: SourceNode = { from: to, to, kind: "scalar", value: null };
    return { key: name ?? "", keyRange, value: value === null ? nothing : this.#node(value, level + 1) };
  }

  #scalar({ value, source }: Scalar.Parsed, range: { from: number; to: number }): SourceNode {
    const isJson =
      value === null ||
      typeof value === "string" ||
      typeof value === "boolean" ||
      (typeof value === "number" && Number.isFinite(value));
    if (!isJson) return this.#refuse(`${source ?? "This value"} has no counterpart in JSON.`, range.from);
    if (typeof value === "string") this.#count(value.length);
    if (typeof value === "number" && firstRounded(source ?? "") !== undefined)
      return this.#refuse(ROUNDED, range.from);
    return { ...range, kind: "scalar", value };
  }

  /** Returns false once the anchors have expanded the text beyond the size of a definition. */
  #count(characters: number): boolean {
    this.#characters += characters;
    if (this.#characters <= MAX_DEFINITION_BYTES) return true;
    this.#refuse(
      `With its aliases replaced, the definition exceeds ${MAX_DEFINITION_BYTES} bytes, the quota of Step Functions.`,
      0,
    );
    return false;
  }

  #refuse(message: string, at: number): SourceNode {
    this.#fault ??= { message, at };
    return { from: at, to: at, kind: "scalar", value: null };
  }
}

/** A token of yaml's lexer that precedes the text of a scalar, which may begin with #. */
const SCALAR = "\u001f";
/** Tokens of yaml's lexer that represent no character. */
const CONTROL = new Set(["\u0002", "\u0018", SCALAR]);

/** Blanks out comments without moving anything else. Works on text that does not parse. */
export const withoutComments = (text: string): string => {
  const pieces: string[] = [];
  let last = "";
  for (const token of new Lexer().lex(text)) {
    const isComment = token.startsWith("#") && last !== SCALAR;
    if (!CONTROL.has(token)) pieces.push(isComment ? " ".repeat(token.length) : token);
    last = token;
  }
  return pieces.join("");
};
