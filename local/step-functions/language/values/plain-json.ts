import type { Json } from "../../../../shared/model/json/json.ts";

/** Four times the payload limit: an expression can build more than it returns. */
const maximumCharacters = 4 * 262_144;

/** Whether JSONata returned a function, built in or defined by the expression. */
export const isFunction = (value: unknown): boolean =>
  typeof value === "function" ||
  (typeof value === "object" &&
    value !== null &&
    ("_jsonata_lambda" in value || "_jsonata_function" in value));

/**
 * Returns the plain JSON of a JSONata result: without functions, marks on arrays and undefined members. Numbers that JSON
 * cannot represent become JavaScript's strings for them, as in the service. Throws RangeError as soon as the result becomes too
 * large, because shared and circular values can expand without end.
 */
export function plainJson(value: unknown): Json | undefined {
  let left = maximumCharacters;
  const spend = (characters: number) => {
    left -= characters;
    if (left < 0) throw new RangeError("Expression evaluation memory limit exceeded");
  };
  const plain = (inner: unknown): Json | undefined => {
    spend(1);
    if (inner === null || typeof inner === "boolean") return inner;
    if (typeof inner === "number") return Number.isFinite(inner) ? inner : String(inner);
    if (typeof inner === "string") {
      spend(inner.length);
      return inner;
    }
    if (typeof inner !== "object" || isFunction(inner)) return undefined;
    if (Array.isArray(inner)) return inner.map(plain).filter((item) => item !== undefined);
    const members: [string, Json][] = [];
    for (const [key, member] of Object.entries(inner)) {
      spend(key.length);
      const result = plain(member);
      if (result !== undefined) members.push([key, result]);
    }
    return Object.fromEntries(members);
  };
  return plain(value);
}
