import fc from "fast-check";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";

/** Arbitraries, by name, for fields whose schema does not describe the existing values, such as `definition`. */
export type Known = Readonly<Record<string, fc.Arbitrary<Json>>>;

const anyJson = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
const number = (schema: JsonObject, name: string): number | undefined =>
  typeof schema[name] === "number" ? schema[name] : undefined;

/** Strings that match a pattern. If fast-check cannot read the pattern, letters. */
const matching = (pattern: string): fc.Arbitrary<string> => {
  const letters = fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/);
  if (/\\p|\(\?[=!<]/.test(pattern)) return letters;
  try {
    return fc.oneof(letters, fc.stringMatching(new RegExp(pattern)));
  } catch {
    return letters;
  }
};

const text = (schema: JsonObject): fc.Arbitrary<Json> => {
  const minLength = number(schema, "minLength") ?? 0;
  const most = number(schema, "maxLength") ?? 60;
  const fits = (value: string) => value.length >= minLength && value.length <= most;
  if (schema["format"] === "date-time") return instants;
  if (schema["format"] === "uuid") return fc.uuid();
  if (typeof schema["pattern"] === "string")
    return matching(schema["pattern"]).filter(
      (value) => fits(value) && new RegExp(String(schema["pattern"]), "u").test(value),
    );
  return fc.string({ unit: "grapheme", minLength, maxLength: Math.min(most, 60) }).filter(fits);
};

const instants = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2035-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

const numeric = (schema: JsonObject): fc.Arbitrary<Json> => {
  const least = number(schema, "minimum") ?? number(schema, "exclusiveMinimum") ?? 0;
  const most = number(schema, "maximum") ?? least + 1_000_000;
  const positive = schema["exclusiveMinimum"] === undefined ? least : least + 1;
  return fc.integer({ min: Math.ceil(positive), max: Math.floor(Math.min(most, 2 ** 31)) });
};

/** Values that a JSON Schema of the API accepts. `known` describes some fields more precisely. */
export const fromSchema = (schema: JsonObject, components: JsonObject, known: Known): fc.Arbitrary<Json> => {
  const inner = (one: Json | undefined): fc.Arbitrary<Json> =>
    isJsonObject(one) ? fromSchema(one, components, known) : anyJson;
  const { $ref, anyOf, oneOf, type, enum: values, const: constant } = schema;
  if (typeof $ref === "string") return inner(components[$ref.replace(/^.*\//, "")]);
  if (constant !== undefined) return fc.constant(constant);
  if (Array.isArray(values)) return fc.constantFrom(...values);
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return fc.oneof(...choices.map(inner));
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => inner({ ...schema, type: one })));
  if (type === "string") return text(schema);
  if (type === "number" || type === "integer") return numeric(schema);
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  if (type === "array") {
    const minLength = number(schema, "minItems") ?? 0;
    const maxLength = Math.min(number(schema, "maxItems") ?? 5, Math.max(5, minLength));
    return fc.uniqueArray(inner(schema["items"]), {
      minLength,
      maxLength,
      selector: (item) => JSON.stringify(item),
    });
  }
  if (type === "object" && isJsonObject(schema["properties"])) {
    const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
    const members = Object.entries(schema["properties"]);
    const fields = members.map(([name, member]) => [name, known[name] ?? inner(member)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required }) as fc.Arbitrary<Json>;
  }
  if (type === "object")
    return fc.dictionary(fc.string({ maxLength: 8 }), anyJson, { maxKeys: 4 }) as fc.Arbitrary<Json>;
  return anyJson;
};
