import * as z from "zod";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";

/** Characters for filling strings, those with the most UTF-8 bytes per unit of length first. */
const FILLS = ["語", "ß", "%", "x", "9"];

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly format?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maximum?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/**
 * The JSON object with the most bytes that a request's schema accepts. `given` sets, by name, fields that the schema leaves
 * open; null omits the field. Throws if a string or a list has no limit.
 */
export const largest = (schema: z.ZodType, given: Readonly<Record<string, Json>> = {}): JsonObject => {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
  return new Largest(root.$defs ?? {}, given).of(root, "", 0) as JsonObject;
};

class Largest {
  readonly #definitions: Readonly<Record<string, Schema>>;
  readonly #given: Readonly<Record<string, Json>>;
  constructor(definitions: Readonly<Record<string, Schema>>, given: Readonly<Record<string, Json>>) {
    this.#definitions = definitions;
    this.#given = given;
  }

  /** `nth`: the position in a list, whose entries must differ. */
  of(schema: Schema, at: string, nth: number): Json {
    const { $ref, anyOf, properties, items } = schema;
    if ($ref !== undefined) {
      const definition = this.#definitions[$ref.split("/").at(-1) ?? ""];
      if (definition === undefined) throw new Error(`No ${$ref}`);
      return this.of(definition, at, nth);
    }
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return schema.enum[nth % schema.enum.length] ?? null;
    if (anyOf !== undefined) return longest(anyOf.map((one) => this.of(one, at, nth)));
    if (properties !== undefined) return this.#object(properties, at);
    if (items !== undefined) {
      const most = schema.maxItems ?? items.enum?.length ?? (items.const === undefined ? undefined : 1);
      if (most === undefined) throw new Error(`The list ${at} has no limit`);
      return Array.from({ length: most }, (_, index) => this.of(items, at, index));
    }
    if (schema.type === "boolean") return true;
    if (schema.type === "null") return null;
    if (schema.type === "number" || schema.type === "integer")
      return schema.maximum ?? Number.MAX_SAFE_INTEGER;
    return this.#text(schema, at, nth);
  }

  #object(properties: Readonly<Record<string, Schema>>, at: string): JsonObject {
    const fields = Object.entries(properties)
      .map(
        ([name, field]) =>
          [
            name,
            this.#given[name] ?? (name in this.#given ? undefined : this.of(field, `${at}.${name}`, 0)),
          ] as const,
      )
      .filter(([, value]) => value !== undefined && value !== null);
    return Object.fromEntries(fields) as JsonObject;
  }

  #text({ format, pattern, maxLength, type }: Schema, at: string, nth: number): string {
    if (format === "date-time") return "2026-01-31T12:00:00.000Z";
    if (format === "email") return `${"a".repeat(242)}@example.com`;
    const fits = new RegExp(pattern ?? "", "u");
    const bounded = maxLength ?? /\{\d+,(\d+)\}\$$/.exec(pattern ?? "")?.[1];
    if (type !== "string" || bounded === undefined) throw new Error(`The text ${at} has no limit`);
    const number = String(nth);
    const texts = FILLS.map((fill) => fill.repeat(Number(bounded) - number.length) + number);
    const text = texts.find((one) => fits.test(one));
    if (text === undefined) throw new Error(`Nothing fits ${at}: ${pattern}`);
    return text;
  }
}

const longest = (values: readonly Json[]): Json => {
  const [first = null] = values.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
  return first;
};
