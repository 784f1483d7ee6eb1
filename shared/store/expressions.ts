/** A condition with its names and values. */
export interface Clause {
  readonly text: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** An update of one item, under conditions that must all hold. Attributes may be paths such as `human.answer`. */
export interface Change {
  /** Undefined values are skipped. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** Elements to append to lists. */
  readonly append?: Readonly<Record<string, readonly unknown[]>>;
  /** The number of elements to remove from the start of lists. */
  readonly shorten?: Readonly<Record<string, number>>;
  /** Amounts to add to numbers. A missing number counts as 0. Only top-level attributes, as DynamoDB requires. */
  readonly add?: Readonly<Record<string, number>>;
  readonly when: readonly Clause[];
}

/** The attribute has this value. It may be a path such as `human.answer`. */
export const is = (attribute: string, value: unknown): Clause => {
  const names = namesIn(attribute);
  const name = `:is_${wordIn(attribute)}`;
  return { text: `${Object.keys(names).join(".")} = ${name}`, names, values: { [name]: value } };
};

/** The item has no such attribute. */
export const lacks = (attribute: string): Clause => ({
  text: `attribute_not_exists(#${attribute})`,
  names: namesIn(attribute),
});

const namesIn = (path: string): Record<string, string> =>
  Object.fromEntries(path.split(".").map((attribute) => [`#${wordIn(attribute)}`, attribute]));

/** Placeholders consist of letters, digits and `_`. The ids of runs, which are names in maps, have hyphens. */
const wordIn = (path: string): string => path.replace(/[.-]/g, "_");

/** Selects the items of one partition whose sort key begins with `prefix`. */
export const within = (partition: string, prefix: string): Clause => ({
  text: "PK = :partition AND begins_with(SK, :prefix)",
  values: { ":partition": partition, ":prefix": prefix },
});

/** Selects the items of one partition whose sort keys lie between two values, both inclusive. */
export const between = (partition: string, first: string, last: string): Clause => ({
  text: "PK = :partition AND SK BETWEEN :first AND :last",
  values: { ":partition": partition, ":first": first, ":last": last },
});

/** Selects a whole partition. */
export const wholePartition = (partition: string): Clause => ({
  text: "PK = :partition",
  values: { ":partition": partition },
});

/** Returns the parameters of an UpdateItem call, or of an Update in a transaction. */
export const updateExpression = (change: Change) => {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const named = (path: string): string => {
    const parts = namesIn(path);
    Object.assign(names, parts);
    return Object.keys(parts).join(".");
  };
  const sets: string[] = [];
  for (const [attribute, value] of Object.entries(change.set ?? {})) {
    if (value === undefined) continue;
    const name = `:set_${wordIn(attribute)}`;
    values[name] = value;
    sets.push(`${named(attribute)} = ${name}`);
  }
  for (const [attribute, more] of Object.entries(change.append ?? {})) {
    if (more.length === 0) continue;
    values[`:more_${attribute}`] = more;
    sets.push(`${named(attribute)} = list_append(${named(attribute)}, :more_${attribute})`);
  }
  const adds = Object.entries(change.add ?? {}).map(([attribute, amount]) => {
    values[`:add_${attribute}`] = amount;
    return `${named(attribute)} :add_${attribute}`;
  });
  const shortened = Object.entries(change.shorten ?? {}).flatMap(([attribute, count]) =>
    // The last element first: DynamoDB counts positions before the update, but some local engines remove one after the other.
    Array.from({ length: count }, (_, index) => `${named(attribute)}[${count - 1 - index}]`),
  );
  const removes = [...(change.remove ?? []).map(named), ...shortened];
  for (const clause of change.when) {
    Object.assign(names, clause.names);
    Object.assign(values, clause.values);
  }
  return {
    UpdateExpression: [
      sets.length > 0 ? `SET ${sets.join(", ")}` : "",
      adds.length > 0 ? `ADD ${adds.join(", ")}` : "",
      removes.length > 0 ? `REMOVE ${removes.join(", ")}` : "",
    ]
      .filter((part) => part !== "")
      .join(" "),
    ...(change.when.length > 0
      ? { ConditionExpression: change.when.map((clause) => `(${clause.text})`).join(" AND ") }
      : {}),
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
};
