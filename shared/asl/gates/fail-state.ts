import type { JsonObject } from "../../model/json/json.ts";
import { asTemplate } from "./jsonata-text.ts";
import type { Plan } from "./plan.ts";

/** The fields of a caught error that are present. */
export type Form = "both" | "error" | "cause" | "neither";

/** A Fail with the error in its input. It uses the flow's query language, because AWS documents no other for a Fail. */
export function failState({ machine }: Plan, form: Form): JsonObject {
  const fields = [
    ...(form === "both" || form === "error" ? ["Error"] : []),
    ...(form === "both" || form === "cause" ? ["Cause"] : []),
  ];
  const given = fields.map((field): [string, string] =>
    machine.language === "JSONata"
      ? [field, asTemplate(`$states.input.${field}`)]
      : [`${field}Path`, `$.${field}`],
  );
  return { Type: "Fail", ...Object.fromEntries(given) };
}
