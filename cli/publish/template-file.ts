import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { usage } from "../failure.ts";
import { readText } from "../terminal/read-json.ts";
import type { Place } from "./source.ts";

/** A CloudFormation or SAM template, in YAML or JSON. Its nodes keep their positions and short tags such as `!Sub`. */
export class TemplateFile {
  readonly file: string;
  readonly text: string;
  readonly #lines = new LineCounter();
  readonly document: Document.Parsed;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const options = { prettyErrors: false, logLevel: "error", lineCounter: this.#lines } as const;
    this.document = parseDocument(text, options);
    const [first] = this.document.errors;
    if (first !== undefined) {
      const { line, column } = this.placeOf(first.pos[0]);
      throw usage(`${file}:${line}:${column}: The template is not valid YAML: ${first.message}.`);
    }
  }

  static async read(file: string): Promise<TemplateFile> {
    return new TemplateFile(file, (await readText(file)).replace(/^\uFEFF/, ""));
  }

  get root(): ParsedNode | null {
    return this.document.contents;
  }

  placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  /** `file:line:column` of a node. */
  at(node: ParsedNode): string {
    const { line, column } = this.placeOf(this.startOf(node));
    return `${this.file}:${line}:${column}`;
  }

  /** Returns the offset of a node including its tag, which its range does not cover. */
  startOf({ tag, range }: ParsedNode): number {
    const at = tag?.startsWith("!") ? this.text.lastIndexOf(tag, range[0]) : -1;
    return at < 0 ? range[0] : at;
  }

  /** Returns the node that an alias refers to, or the node itself if it is not an alias. */
  followed(node: ParsedNode | null | undefined): ParsedNode | undefined {
    if (node === null || node === undefined) return undefined;
    return isAlias(node) ? (node.resolve(this.document) as ParsedNode | undefined) : node;
  }

  /** Returns the value of a field, or undefined if the node is not an object or lacks the field. */
  field(node: ParsedNode | null | undefined, name: string): ParsedNode | undefined {
    const map = this.followed(node);
    if (!isMap(map)) return undefined;
    const pair = (map as YAMLMap.Parsed).items.find(({ key }) => keyOf(key) === name);
    return this.followed(pair?.value);
  }

  fields(node: ParsedNode | null | undefined): readonly (readonly [string, ParsedNode])[] {
    const map = this.followed(node);
    if (!isMap(map)) return [];
    return (map as YAMLMap.Parsed).items.flatMap(({ key, value }) => {
      const followed = this.followed(value);
      return followed === undefined ? [] : [[keyOf(key), followed] as const];
    });
  }

  /** Returns the value of a field that is a plain string. */
  textField(node: ParsedNode | null | undefined, name: string): string | undefined {
    const value = this.field(node, name);
    return isScalar(value) && value.tag === undefined && typeof value.value === "string"
      ? value.value
      : undefined;
  }
}

export const keyOf = (key: ParsedNode): string => (isScalar(key) ? String(key.value) : "");
