import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { argumentsField, type Machine, type StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";

const SPEC_FIELDS = ["Title", "Assignees", "Form"];
const FORBIDDEN_FIELDS = ["HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"];

/** Checks the literal parts of an approval's or form's `{Title, Assignees?, Form?}`. */
export function checkHumanSteps(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    const kind = humanKind(state);
    if (kind === undefined) continue;
    if (state.scope.distributed) {
      report(
        state.at,
        `${kind === "form" ? "A form" : "An approval"} cannot be inside a Distributed Map. Use an inline Map.`,
      );
    }
    for (const field of FORBIDDEN_FIELDS) {
      if (Object.hasOwn(state.body, field))
        report(`${state.at}.${field}`, `An approval or form cannot have ${field}.`);
    }
    const field = argumentsField(state);
    const spec = state.body[field];
    if (state.language === "JSONata" && jsonataExpression(spec) !== undefined) continue;
    if (isJsonObject(spec)) checkSpec(state, spec, kind === "form", report);
    else
      report(
        spec === undefined ? state.at : `${state.at}.${field}`,
        `${field} must be an object with at least a Title.`,
      );
  }
}

/** A field of the spec: its literal value, or "dynamic" when it is only known at run time. */
function read(state: StateNode, spec: JsonObject, field: string): { literal: Json } | "dynamic" | undefined {
  if (state.language === "JSONPath" && Object.hasOwn(spec, `${field}.$`)) return "dynamic";
  const value = spec[field];
  if (value === undefined) return undefined;
  return state.language === "JSONata" && jsonataExpression(value) !== undefined
    ? "dynamic"
    : { literal: value };
}

function checkSpec(state: StateNode, spec: JsonObject, formNeeded: boolean, report: Report): void {
  const at = `${state.at}.${argumentsField(state)}`;
  for (const key of Object.keys(spec)) {
    const name = state.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
    if (!SPEC_FIELDS.includes(name))
      report(`${at}.${key}`, `Unknown field. Known fields here: ${SPEC_FIELDS.join(", ")}.`);
  }
  const title = read(state, spec, "Title");
  if (title === undefined) report(at, "Title is missing. Describe what to decide or fill in.");
  else if (title !== "dynamic" && (typeof title.literal !== "string" || title.literal === ""))
    report(`${at}.Title`, "Title must be a non-empty string.");

  const assignees = read(state, spec, "Assignees");
  if (assignees !== undefined && assignees !== "dynamic" && !isListOfNames(assignees.literal)) {
    report(`${at}.Assignees`, "Assignees must be an array of user IDs.");
  }
  const form = read(state, spec, "Form");
  if (form === undefined && formNeeded)
    report(at, "Form is missing. Give the JSON Schema of the data to fill in.");
  if (form !== undefined && form !== "dynamic" && !isJsonObject(form.literal))
    report(`${at}.Form`, "Form must be a JSON Schema object.");
}

const isListOfNames = (value: Json): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "");
