/** The form of the names of runs' attributes. */
export const ATTRIBUTE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,39}$/;

const PREFIX = "attribute.";

/** Filters of runs by their attributes, each under `attribute.<name>`. */
export type AttributeFilters = { readonly [name: `attribute.${string}`]: string | undefined };

/** Returns the filter of an attribute, as in queries and saved filters. */
export const attributeFilter = (name: string, value: string): AttributeFilters => ({
  [`${PREFIX}${name}` as const]: value,
});

/** Returns the attribute that a field of a filter names; undefined for another field. */
export const attributeName = (field: string): string | undefined =>
  field.startsWith(PREFIX) && ATTRIBUTE_NAME.test(field.slice(PREFIX.length))
    ? field.slice(PREFIX.length)
    : undefined;

/** Returns the attributes that a filter names, with their values. */
export const askedAttributes = (filter: AttributeFilters): (readonly [name: string, value: string])[] =>
  Object.entries(filter).flatMap(([field, value]) => {
    const name = attributeName(field);
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });

/** Reads the attribute that the text `name=value` names; undefined for another text. */
export const namedAttribute = (text: string): readonly [name: string, value: string] | undefined => {
  const at = text.indexOf("=");
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  return at > 0 && value !== "" && ATTRIBUTE_NAME.test(name) ? [name, value] : undefined;
};
