import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { Json } from "../../model/json/json.ts";
import { TimeBudgetExceeded, withinTime } from "../../model/time/time-budget.ts";

export interface DataError {
  readonly path: string;
  readonly message: string;
}

/**
 * Milliseconds. The form comes from a flow's author and the data from a person: together they could keep a processor busy
 * forever.
 */
const BUDGET = 1_000;
/** The API does not report more errors than this: each item of a long list may be invalid. */
const MAX_ERRORS = 100;

/**
 * Returns the data's errors according to the form's JSON Schema (2020-12, as JSON text), or none if it is valid. Its regular
 * expressions are ECMAScript's and can backtrack forever, as can `uniqueItems` and references, so the whole check is limited to
 * a second.
 */
export const checkFormData = (form: string, data: Json | undefined): DataError[] => {
  try {
    return withinTime(BUDGET, () => check(form, data ?? null));
  } catch (error) {
    const message =
      error instanceof TimeBudgetExceeded
        ? "could not be checked in time: simplify the form's patterns, or send less"
        : `The flow's form is not a JSON Schema: ${(error as Error).message}`;
    return [{ path: "data", message }];
  }
};

const check = (form: string, data: Json): DataError[] => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(JSON.parse(form) as object);
  // An asynchronous schema returns a promise, which would look like success.
  if ("$async" in validate) throw new Error("$async is not one of its keywords");
  if (validate(data)) return [];
  return (validate.errors ?? [])
    .slice(0, MAX_ERRORS)
    .map(({ instancePath, message = "does not match the form", params }) => ({
      path: `data${instancePath.replaceAll("/", ".")}`,
      message: "additionalProperty" in params ? `${message}: ${params["additionalProperty"]}` : message,
    }));
};
