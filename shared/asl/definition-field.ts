import { ATTRIBUTE_NAME } from "../model/attributes.ts";
import { isJsonObject, type Json } from "../model/json/json.ts";
import { MAX_ATTRIBUTES } from "../model/limits.ts";
import { durationMilliseconds } from "../model/time/clock.ts";
import type { Machine } from "./parse/machine.ts";
import type { Report } from "./parse/problems.ts";
import { payloadExpressionError } from "./payload/payload-expression.ts";

/** Checks of the fields that a definition's own `Sluice` can have. */
const FIELDS: Readonly<Record<string, (value: Json, path: string, report: Report) => void>> = {
  Index: checkIndex,
  Expect: checkExpect,
};

/** Checks the field `Sluice` of the whole definition. */
export function checkDefinitionField({ body: { Sluice: field } }: Machine, report: Report): void {
  if (field === undefined) return;
  if (!isJsonObject(field)) {
    report("Sluice", "Sluice must be an object.");
    return;
  }
  for (const [name, value] of Object.entries(field)) {
    const path = `Sluice.${name}`;
    if (Object.hasOwn(FIELDS, name)) FIELDS[name]?.(value, path, report);
    else if (name === "ContinueAsNew")
      report(
        path,
        "There is nothing to set: loops of a published flow continue as new by themselves, and a run of an attached flow stays in its execution, because a caller may wait for it.",
      );
    else report(path, `Unknown field. Known fields here: ${Object.keys(FIELDS).join(", ")}.`);
  }
}

function checkIndex(value: Json, path: string, report: Report): void {
  if (!isJsonObject(value)) {
    report(path, "Index must be an object: names of attributes with JSONPaths or JSONata expressions.");
    return;
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_ATTRIBUTES)
    report(path, `A flow can have at most ${MAX_ATTRIBUTES} attributes; this one has ${entries.length}.`);
  for (const [name, expression] of entries) {
    const at = `${path}.${name}`;
    if (!ATTRIBUTE_NAME.test(name))
      report(
        at,
        "The name of an attribute has 1 to 40 letters, digits, - and _, and begins with a letter or _.",
      );
    else if (typeof expression !== "string")
      report(at, "Must be a JSONPath such as $.order.id, or a JSONata expression.");
    else {
      const error = payloadExpressionError(expression);
      if (error !== undefined) report(at, error);
    }
  }
}

const MAX_EXPECT_MS = 365 * 86_400_000;

function checkExpect(value: Json, path: string, report: Report): void {
  const time = typeof value === "string" ? durationMilliseconds(value) : undefined;
  if (time === undefined || time <= 0 || time > MAX_EXPECT_MS)
    report(
      path,
      "Must be an ISO 8601 duration of at most 365 days, such as PT2H: how long a run is expected to last.",
    );
}

/** Reads `Expect` of a definition that was checked; undefined if it has none. */
export function expectedDuration({ Sluice: field }: Machine["body"]): string | undefined {
  const expect = isJsonObject(field) ? field.Expect : undefined;
  return typeof expect === "string" ? expect : undefined;
}

/** The expressions of a valid definition's attributes, by name. */
export type AttributeIndex = Readonly<Record<string, string>>;

/** Reads `Index` of a definition that was checked; undefined if it has none. */
export function attributeIndex({ Sluice: field }: Machine["body"]): AttributeIndex | undefined {
  const index = isJsonObject(field) ? field.Index : undefined;
  return isJsonObject(index) && Object.keys(index).length > 0 ? (index as AttributeIndex) : undefined;
}
