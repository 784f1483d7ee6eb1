/** One update: what it sets, adds and removes, and the named clauses that must all hold. */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** Attributes of lists that get more at their end. */
  readonly append?: Readonly<Record<string, readonly unknown[]>>;
  /** Attributes of lists that lose so many at their beginning. */
  readonly shorten?: Readonly<Record<string, number>>;
  /** Numbers that grow, by how much; one that is not there counts from 0. Top level only, as DynamoDB has it. */
  readonly add?: Readonly<Record<string, number>>;
  readonly when: readonly Clause[];
}
/** A condition with its own names and values; the store gives each a name, so that a refusal can be read. */
export interface Clause {
  readonly text: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}
/** The items of one partition whose sort key begins with `prefix`. */
export const within = (partition: string, prefix: string): Clause => ({
  text: "PK = :partition AND begins_with(SK, :prefix)",
  values: { ":partition": partition, ":prefix": prefix },
});

/** An update in DynamoDB's words, for `update` and for the parts of a transaction. */
export const updateExpression = (change: Change) => {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  // A path such as `human.answer` names each of its parts.
  const named = (path: string): string =>
    path
      .split(".")
      .map((attribute) => {
        names[`#${attribute}`] = attribute;
        return `#${attribute}`;
      })
      .join(".");
  const sets: string[] = [];
  for (const [attribute, value] of Object.entries(change.set ?? {})) {
    if (value === undefined) continue;
    const name = `:set_${attribute.replace(".", "_")}`;
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
    // The last first: to DynamoDB all places are those before the update, but some local engines take one out after the other.
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
