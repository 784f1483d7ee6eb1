import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";

const SPEC_FIELDS = ["Title", "Assignees", "Form"];
const TASK_FIELDS_NOT_HERE = ["HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"];

/** Where a state's own language keeps the arguments of a Task. */
export const argumentsField = (state: StateNode): "Parameters" | "Arguments" =>
  state.language === "JSONPath" ? "Parameters" : "Arguments";

/** Approvals and forms: what can be told of `{Title, Assignees?, Form?}` from the text. */
export function checkHumanSteps(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    const kind = humanKind(state);
    if (kind === undefined) continue;
    if (state.scope.distributed) {
      report(
        state.at,
        `${kind === "form" ? "A form" : "An approval"} cannot stand inside a Distributed Map; use an inline one.`,
      );
    }
    for (const field of TASK_FIELDS_NOT_HERE) {
      if (Object.hasOwn(state.body, field))
        report(`${state.at}.${field}`, "An approval or form cannot have this field.");
    }
    const field = argumentsField(state);
    const spec = state.body[field];
    if (state.language === "JSONata" && jsonataExpression(spec) !== undefined) continue;
    if (isJsonObject(spec)) checkSpec(state, spec, kind === "form", report);
    else report(`${state.at}.${field}`, `${field} is missing: an approval or form needs at least a Title.`);
  }
}

/** The value of a field of the spec: what stands in the text, or that it is only known at the run. */
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
      report(`${at}.${key}`, `Unknown field; known here are ${SPEC_FIELDS.join(", ")}.`);
  }
  const title = read(state, spec, "Title");
  if (title === undefined) report(`${at}.Title`, "Title is missing: say what is to be decided or filled in.");
  else if (title !== "dynamic" && (typeof title.literal !== "string" || title.literal === ""))
    report(`${at}.Title`, "Title must be a text.");

  const assignees = read(state, spec, "Assignees");
  if (assignees !== undefined && assignees !== "dynamic" && !isListOfNames(assignees.literal)) {
    report(`${at}.Assignees`, "Assignees must be a list of user ids.");
  }
  const form = read(state, spec, "Form");
  if (form === undefined && formNeeded)
    report(`${at}.Form`, "Form is missing: give the JSON Schema of what is to be filled in.");
  if (form !== undefined && form !== "dynamic" && !isJsonObject(form.literal))
    report(`${at}.Form`, "Form must be a JSON Schema, an object.");
}

// JSONPath templates may hold a field that ends in ".$" at any level, JSONata ones an expression.
const isListOfNames = (value: Json): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "");
