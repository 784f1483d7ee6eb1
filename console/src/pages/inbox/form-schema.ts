import type { RJSFSchema, UiSchema } from "@rjsf/utils";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where a schema has other schemas: alone, in a list, or by name. */
const ALONE = ["items", "additionalProperties", "if", "then", "else", "not", "contains"];
const LISTS = ["oneOf", "anyOf", "allOf", "prefixItems"];
const NAMED = ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"];

const mapSchemas = (schema: Fields, map: (inner: unknown) => unknown): Fields =>
  Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (ALONE.includes(name)) return [name, map(value)];
      if (LISTS.includes(name) && Array.isArray(value)) return [name, value.map(map)];
      if (NAMED.includes(name) && isFields(value))
        return [name, Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(inner)]))];
      return [name, value];
    }),
  );

const typeOf = (value: unknown): string | undefined =>
  typeof value === "boolean" || typeof value === "string" || typeof value === "number"
    ? typeof value
    : undefined;

/** The type that all constants of a choice have; undefined if the choice has other options, or constants of several types. */
const choiceType = (schema: Fields): string | undefined => {
  const options = [schema["oneOf"], schema["anyOf"]].find(Array.isArray) ?? schema["enum"];
  if (!Array.isArray(options) || options.length === 0) return undefined;
  const constants =
    options === schema["enum"] ? options : options.map((one) => isFields(one) && one["const"]);
  const hasAll = options === schema["enum"] || options.every((one) => isFields(one) && "const" in one);
  const types = new Set(constants.map(typeOf));
  const [type] = types;
  return hasAll && types.size === 1 ? type : undefined;
};

/**
 * The option that stands for none. No answer matches it, so that it neither makes an answer valid nor spoils one. By its type the form's
 * library takes it for the closest to no answer, and draws no field for it.
 */
const UNCHOSEN = { title: "Choose one", type: "null", not: {} };

/** Gives an option that has no title one to choose it by: its number, or that it is no value. */
const titled = (option: unknown, index: number): unknown => {
  if (!isFields(option) || "title" in option || "$ref" in option) return option;
  return { ...option, title: option["type"] === "null" ? "None" : `Option ${index + 1}` };
};

/** The keyword under which a schema offers shapes to choose from, with whole objects or types as its options. */
const shapesIn = (schema: Fields): "oneOf" | "anyOf" | undefined => {
  const isConstant = (option: unknown) => isFields(option) && "const" in option;
  return (["oneOf", "anyOf"] as const).find((keyword) => {
    const options = schema[keyword];
    return Array.isArray(options) && options.length > 1 && !options.every(isConstant);
  });
};

/**
 * Returns the schema as the form's library can draw it. A choice among constants gets the type of its constants, without which the library
 * draws no field for it and answers for the person. A choice among shapes begins with an option that stands for none of them, because the
 * library opens on the first.
 */
export const drawnSchema = (schema: Fields): RJSFSchema => {
  const draw = (inner: unknown): unknown => (isFields(inner) ? drawnSchema(inner) : inner);
  const drawn = mapSchemas(schema, draw);
  const shapes = shapesIn(schema);
  if (shapes !== undefined && !("default" in schema))
    return { ...drawn, [shapes]: [UNCHOSEN, ...(drawn[shapes] as unknown[]).map(titled)] } as RJSFSchema;
  const type = "type" in schema ? undefined : choiceType(schema);
  return (type === undefined ? drawn : { ...drawn, type }) as RJSFSchema;
};

/**
 * Says how the form's library draws what `drawnSchema` returns. A boolean is a choice between yes and no: a box that nobody ticked could
 * not be told from a no.
 */
export const drawnFields = (schema: Fields): UiSchema => {
  const properties = isFields(schema["properties"]) ? schema["properties"] : {};
  const named = Object.entries(properties).flatMap(([name, inner]) => {
    const fields = isFields(inner) ? drawnFields(inner) : {};
    return Object.keys(fields).length === 0 ? [] : [[name, fields] as const];
  });
  const items = isFields(schema["items"]) ? drawnFields(schema["items"]) : {};
  const shapes = shapesIn(schema);
  const options = shapes === undefined ? [] : (schema[shapes] as readonly unknown[]);
  const optionFields = options.map((option) => (isFields(option) ? drawnFields(option) : {}));
  return {
    ...Object.fromEntries(named),
    ...(Object.keys(items).length === 0 ? {} : { items }),
    ...(shapes === undefined ? {} : { [shapes]: optionFields }),
    ...(schema["type"] === "boolean" ? { "ui:widget": "radio" } : {}),
  };
};

/** An error of a form's data, at the property that it is about. */
export interface FieldFault {
  readonly property: string;
  readonly name: string;
  readonly message: string;
}

/** Keywords of a choice. The options that do not match say nothing that the choice itself does not. */
const CHOICES = ["oneOf", "anyOf"];

/** One message for each property: that it is missing, that none of its options was chosen, or else its first. */
export const onePerProperty = <Fault extends FieldFault>(faults: readonly Fault[]): Fault[] => {
  const byProperty = Map.groupBy(faults, ({ property }) => property);
  return [...byProperty.values()].flatMap((all) => {
    const best =
      all.find(({ name }) => name === "required") ?? all.find(({ name }) => CHOICES.includes(name)) ?? all[0];
    return best === undefined ? [] : [best];
  });
};
