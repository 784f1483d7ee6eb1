import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import type { QueryLanguage } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { intrinsicError, isIntrinsic } from "./intrinsic-functions.ts";
import { type PathRules, pathError } from "./json-path.ts";

/** The position of a value in the definition. */
export interface Place {
  readonly at: string;
  readonly language: QueryLanguage;
  readonly report: Report;
}

/** Checks the value of one field. JSONata expressions have already been parsed. */
export type ValueCheck = (value: Json, place: Place) => void;
export type FieldChecks = Readonly<Record<string, ValueCheck>>;

const inside = (place: Place, key: string | number): Place => ({
  ...place,
  at: typeof key === "number" ? `${place.at}[${key}]` : `${place.at}.${key}`,
});

const nameOf = ({ at }: Place): string => /[^.]*(?:\.\$)?$/.exec(at)?.[0] ?? at;

const check =
  (holds: (value: Json) => boolean, expected: string): ValueCheck =>
  (value, place) => {
    if (!holds(value)) place.report(place.at, `${nameOf(place)} must be ${expected}.`);
  };

/** In a JSONata state, an expression can replace the value. */
const orExpression =
  (valueCheck: ValueCheck): ValueCheck =>
  (value, place) => {
    if (place.language !== "JSONata" || jsonataExpression(value) === undefined) valueCheck(value, place);
  };

export const anything: ValueCheck = () => undefined;
export const text = check((value) => typeof value === "string", "a string");
export const flag = check((value) => typeof value === "boolean", "true or false");
export const amount = check((value) => typeof value === "number", "a number");
export const object = check(isJsonObject, "an object");
export const array = orExpression(check(Array.isArray, "an array"));
export const oneOf = (...values: readonly string[]): ValueCheck =>
  check((value) => typeof value === "string" && values.includes(value), `"${values.join('" or "')}"`);

export const number = (least: number, most: number): ValueCheck =>
  orExpression(
    check(
      (value) => typeof value === "number" && value >= least && value <= most,
      `a number from ${least} to ${most}`,
    ),
  );

export const integer = (least: number, most: number): ValueCheck =>
  orExpression(
    check(
      (value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most,
      `an integer from ${least} to ${most}`,
    ),
  );

/** RFC 3339 with an uppercase T, and an uppercase Z if there is no offset (ASL specification, "Timestamps"). */
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
export const timestamp = orExpression(
  check(
    (value) => typeof value === "string" && TIMESTAMP.test(value),
    "a timestamp such as 2030-01-31T09:00:00Z",
  ),
);

/** A JSONPath or a call of an intrinsic function. */
const selects =
  (rules: PathRules & { readonly functions?: boolean; readonly nullable?: boolean }): ValueCheck =>
  (value, place) => {
    if (value === null && rules.nullable === true) return;
    if (typeof value !== "string") return text(value, place);
    const call = rules.functions !== false && isIntrinsic(value);
    const error = call ? intrinsicError(value) : pathError(value, rules);
    const kind = call ? "call of an intrinsic function" : rules.reference ? "reference path" : "JSONPath";
    if (error !== undefined) place.report(place.at, `${nameOf(place)} is not a valid ${kind}: ${error}`);
  };

export const path = selects({ nullable: true });
export const pathOrCall = selects({});
/** The value that a choice rule compares. */
export const variable = selects({ reference: true, functions: false });
export const referencePath = selects({ reference: true });
/** The results of a state can only be put into its input. */
export const resultPath = selects({ reference: true, inputOnly: true, functions: false, nullable: true });

/** A JSONPath payload template: fields whose names end with `.$` select their values. */
export const template: ValueCheck = (value, place) => {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) template(item, inside(place, index));
  }
  if (!isJsonObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const field = inside(place, key);
    if (!key.endsWith(".$")) template(item, field);
    else if (Object.hasOwn(value, key.slice(0, -2)))
      place.report(
        `${place.at}.${key.slice(0, -2)}`,
        `This field is also given as "${key}". Keep one of them.`,
      );
    else if (typeof item !== "string" || !/^\s*(?:\$|States\.)/.test(item))
      place.report(field.at, `"${key}" must be a JSONPath or a call of an intrinsic function.`);
    else pathOrCall(item, { ...place, at: field.at });
  }
};

/** JSONata arguments: an object, or an expression that returns one. */
export const expressionOrObject = orExpression(object);

/** An object of known fields, and of others if `open`. */
export const fields =
  (known: FieldChecks, { open = false, required = [] as readonly string[] } = {}): ValueCheck =>
  (value, place) => {
    if (!isJsonObject(value)) return object(value, place);
    for (const field of required) {
      if (!Object.hasOwn(value, field)) place.report(place.at, `${field} is missing.`);
    }
    for (const [key, item] of Object.entries(value)) {
      const valueCheck = Object.hasOwn(known, key) ? known[key] : undefined;
      if (valueCheck !== undefined) valueCheck(item, inside(place, key));
      else if (!open && key !== "Comment")
        place.report(
          `${place.at}.${key}`,
          `Unknown field. Known fields here: ${Object.keys(known).join(", ")}.`,
        );
    }
  };

/** Rejects an object with more than one of these fields. */
export function checkAtMostOne(
  body: JsonObject,
  names: readonly string[],
  { at, report }: Pick<Place, "at" | "report">,
): void {
  const given = names.filter((name) => Object.hasOwn(body, name));
  if (given.length > 1) report(`${at}.${given[1]}`, `Only one of ${given.join(" and ")} can be given.`);
}
