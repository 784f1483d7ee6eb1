import type { JsonObject } from "../../model/json/json.ts";
import { asTemplate } from "./jsonata-text.ts";
import type { Plan } from "./plan.ts";

/** The parts of an error that a caught one has. */
export type Form = "both" | "error" | "cause" | "neither";

/** A Fail with the error that is its input. A Fail has the flow's query language: AWS documents no other for it. */
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
