import type { Json } from "../../../shared/model/json/json.ts";
import { isJsonObject } from "../../../shared/model/json/json.ts";
import { evaluateIntrinsic } from "./intrinsics/intrinsics.ts";
import { evaluatePath } from "./jsonpath/jsonpath.ts";
import { type Scope, StatesError } from "./values/types.ts";

/**
 * The value of a field that accepts a path or an intrinsic function. `field` names it in the cause of a failure, as the
 * service does for Parameters, ErrorPath and others, but not for InputPath and OutputPath.
 */
export function evaluateFieldExpression(text: string, scope: Scope, field?: string): Json {
  return text.startsWith("$") ? evaluatePath(text, scope, field) : evaluateIntrinsic(text, scope);
}

/** Fills a payload template (Parameters, ItemSelector, ResultSelector, Assign): keys ending in `.$` are expressions. */
export function evaluateTemplate(template: Json, scope: Scope): Json {
  if (Array.isArray(template)) return template.map((item) => evaluateTemplate(item, scope));
  if (!isJsonObject(template)) return template;
  // fromEntries makes every key an own property, even `__proto__`.
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => {
      if (!key.endsWith(".$")) return [key, evaluateTemplate(value, scope)];
      if (typeof value !== "string") {
        throw new StatesError("States.Runtime", `The value for the field '${key}' must be a string`);
      }
      return [key.slice(0, -2), evaluateFieldExpression(value, scope, key)];
    }),
  );
}
