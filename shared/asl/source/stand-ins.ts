import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { looksLikeJson } from "./json-text.ts";
import type { PlacedProblem } from "./read-source.ts";
import { type FilledText, replaceOpen } from "./substitutions.ts";

/** Fields of the Amazon States Language that are numbers. In YAML, a placeholder looks the same whatever its value is. */
const NUMBERS: ReadonlySet<string> = new Set([
  ...["Seconds", "TimeoutSeconds", "HeartbeatSeconds", "IntervalSeconds", "MaxDelaySeconds", "MaxAttempts"],
  ...["BackoffRate", "MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"],
  ...["MaxItems", "MaxItemsPerBatch", "MaxInputBytesPerBatch"],
]);

/** A number that every field with seconds or attempts accepts. */
const FIRST_NUMBER = 81_000_001;
/** A Task whose whole Resource is a placeholder: CDK and SAM fill it with a function's ARN. */
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:";

/**
 * Replaces placeholders while a definition is compiled, so that it can be parsed and checked before a deployment fills them. A placeholder
 * inside quotes becomes a word, which is also valid in an ARN and in an expression; one without quotes becomes a number. In the compiled
 * text, each becomes its placeholder again.
 */
export class StandIns {
  readonly #prefix: string;
  readonly #indexes = new Map<string, number>();
  readonly #firstNumber: number;

  /** @param text the definition, which contains no stand-in by itself */
  constructor(text: string) {
    let prefix = "awsSluice";
    while (text.includes(prefix)) prefix += "x";
    this.#prefix = prefix;
    let number = FIRST_NUMBER;
    while (text.includes(String(number).slice(0, 4))) number += 10_000;
    this.#firstNumber = number;
  }

  #index(name: string): number {
    const known = this.#indexes.get(name) ?? this.#indexes.size;
    this.#indexes.set(name, known);
    return known;
  }

  word(name: string): string {
    return `${this.#prefix}${this.#index(name)}z`;
  }

  #bare(name: string): string {
    return `${this.#prefix}${this.#index(name)}n`;
  }

  number(name: string): number {
    return this.#firstNumber + this.#index(name);
  }

  /** The names of the placeholders that were replaced so far. */
  get names(): string[] {
    return [...this.#indexes.keys()];
  }

  /** Replaces each placeholder without a value by a stand-in. */
  replaceIn = (filled: FilledText): FilledText => {
    const quoted = looksLikeJson(filled.text) ? quotedAt(filled.text) : () => true;
    return replaceOpen(filled, (name, at) =>
      quoted(at) ? this.word(name) : JSON.stringify(this.#bare(name)),
    );
  };

  /** Returns the definition with a number for each placeholder that is one, and an ARN for each that is a whole Resource. */
  typed(definition: JsonObject): JsonObject {
    const whole = new Map(
      this.names.flatMap((name): [string, string][] => [
        [this.word(name), name],
        [this.#bare(name), name],
      ]),
    );
    const visit = (value: Json, key: string): Json => {
      if (Array.isArray(value)) return value.map((item) => visit(item, key));
      if (isJsonObject(value))
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, visit(item, name)]));
      const name = typeof value === "string" ? whole.get(value) : undefined;
      if (name === undefined) return value;
      if (value === this.#bare(name) || NUMBERS.has(key)) return this.number(name);
      return key === "Resource" ? `${FUNCTION}${this.#prefix}${this.#index(name)}r` : value;
    };
    return visit(definition, "") as JsonObject;
  }

  /** Returns a problem with the placeholders in place of their stand-ins. */
  restoreProblem({ path, message, ...position }: PlacedProblem): PlacedProblem {
    return { path: this.restore(path), message: this.restore(message), ...position };
  }

  /** Whether the number stands in for a placeholder. */
  isOne(value: number | undefined): value is undefined {
    return value === undefined || this.restore(String(value)) !== String(value);
  }

  /** Returns a value with the placeholders in place of their stand-ins. Those of numbers are strings. */
  restoreIn(value: Json): Json {
    if (typeof value === "string") return this.restore(value);
    if (typeof value === "number") return this.isOne(value) ? this.restore(String(value)) : value;
    if (Array.isArray(value)) return value.map((item) => this.restoreIn(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.restore(key), this.restoreIn(item)]),
    );
  }

  /** Returns a text with the placeholders in place of their stand-ins. */
  restore(text: string): string {
    const byIndex = this.names;
    const placeholder = (index: number): string => `\${${byIndex[index]}}`;
    const resources = new RegExp(`${FUNCTION}${this.#prefix}(\\d+)r`, "g");
    const words = new RegExp(`${this.#prefix}(\\d+)z`, "g");
    const numbers = new RegExp(`${String(this.#firstNumber).slice(0, 4)}\\d{4}`, "g");
    return text
      .replace(resources, (_whole, index: string) => placeholder(Number(index)))
      .replace(words, (_whole, index: string) => placeholder(Number(index)))
      .replace(numbers, (digits) => {
        const index = Number(digits) - this.#firstNumber;
        return index < byIndex.length ? placeholder(index) : digits;
      });
  }
}

/** Whether an offset in a JSON text is inside a string. */
const quotedAt = (text: string): ((at: number) => boolean) => {
  const strings = [...text.matchAll(/"(?:[^"\\]|\\.)*"/gs)].map(({ 0: whole, index }) => [
    index,
    index + whole.length,
  ]);
  let next = 0;
  // Placeholders are asked for in their order.
  return (at) => {
    while (next < strings.length && (strings[next]?.[1] ?? 0) <= at) next += 1;
    return at > (strings[next]?.[0] ?? Number.POSITIVE_INFINITY);
  };
};
