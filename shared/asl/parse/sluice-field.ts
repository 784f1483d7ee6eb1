import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { MAX_PERMISSION_LENGTH, MAX_PERMISSIONS } from "../../model/limits.ts";
import type { Machine, StateNode } from "./machine.ts";
import type { Report } from "./problems.ts";

/** The field `Sluice` of a Task, and what its Resource says, as the compiler uses them. */
export interface SluiceField {
  readonly requires: readonly string[];
  readonly cost?: number;
  /** Where the gate stands: a state before the step, or inside the function that it calls. */
  readonly gate: "before" | "inline" | "none";
}

const FIELDS = ["Requires", "Cost", "Gate"];
const HUMAN = "arn:sluice:::";
const HUMAN_KINDS = ["approval", "form"] as const;
export type HumanKind = (typeof HUMAN_KINDS)[number];

/** Which of Sluice's own task resources a state has, if any. */
export function humanKind(state: StateNode): HumanKind | undefined {
  const { Resource: resource } = state.body;
  return state.type === "Task" ? HUMAN_KINDS.find((kind) => resource === HUMAN + kind) : undefined;
}

/** Lenient: what is wrong in it is for `checkSluiceFields` to say. */
export function sluiceField(state: StateNode): SluiceField {
  const field = state.body.Sluice;
  if (state.type !== "Task" || !isJsonObject(field)) return { requires: [], gate: "before" };
  const requires = Array.isArray(field.Requires)
    ? field.Requires.filter((item) => typeof item === "string")
    : [];
  return {
    requires,
    ...(typeof field.Cost === "number" ? { cost: field.Cost } : {}),
    gate: field.Gate === "none" ? "none" : isInline(state, field) ? "inline" : "before",
  };
}

/** A cost is metered by a gate of Sluice's own, which may hold the flow. */
const isInline = (state: StateNode, field: JsonObject): boolean =>
  field.Gate === "inline" &&
  field.Cost === undefined &&
  callsFunction(state) &&
  namesEvent(state) &&
  !state.scope.distributed;

const LAMBDA_ARN = /^arn:aws[\w-]*:lambda:/;
const LAMBDA_INVOKE = /^arn:aws[\w-]*:states:::lambda:invoke$/;
/** A Task that calls a Lambda function and waits for what it returns. */
const callsFunction = ({ body: { Resource: resource } }: StateNode): boolean =>
  typeof resource === "string" && (LAMBDA_ARN.test(resource) || LAMBDA_INVOKE.test(resource));

/** What goes to the function stands in the text, so that the gate's question can stand beside it. */
const namesEvent = ({ body: { Resource: resource, Arguments: given } }: StateNode): boolean =>
  typeof given !== "string" || !LAMBDA_INVOKE.test(String(resource));

export function checkSluiceFields(machine: Machine, report: Report, warn: (message: string) => void): void {
  const permissions = new Set(machine.all.flatMap((state) => sluiceField(state).requires));
  if (permissions.size > MAX_PERMISSIONS) {
    report("", `The flow requires ${permissions.size} permissions; nobody has more than ${MAX_PERMISSIONS}.`);
  }
  for (const state of machine.all) {
    const { body, at, type } = state;
    if (
      typeof body.Resource === "string" &&
      body.Resource.startsWith(HUMAN) &&
      humanKind(state) === undefined
    ) {
      report(
        `${at}.Resource`,
        `There is no such resource; Sluice has ${HUMAN_KINDS.map((kind) => HUMAN + kind).join(" and ")}.`,
      );
    }
    if (!Object.hasOwn(body, "Sluice")) continue;
    if (type !== "Task") report(`${at}.Sluice`, `Only a Task has the field Sluice, not a ${type}.`);
    else checkField(state, report, warn);
  }
}

function checkField(state: StateNode, report: Report, warn: (message: string) => void): void {
  const at = `${state.at}.Sluice`;
  const field = state.body.Sluice;
  if (!isJsonObject(field)) {
    report(at, "Sluice must be an object.");
    return;
  }
  for (const key of Object.keys(field)) {
    if (!FIELDS.includes(key)) report(`${at}.${key}`, `Unknown field; known here are ${FIELDS.join(", ")}.`);
  }
  const { Requires: requires, Cost: cost, Gate: gate } = field;
  if (
    requires !== undefined &&
    !(Array.isArray(requires) && requires.every((item) => typeof item === "string" && item !== ""))
  ) {
    report(`${at}.Requires`, "Requires must be a list of permissions.");
  } else if (sluiceField(state).requires.some((name) => name.length > MAX_PERMISSION_LENGTH)) {
    report(`${at}.Requires`, `A permission's name has at most ${MAX_PERMISSION_LENGTH} characters.`);
  }
  if (cost !== undefined && !(typeof cost === "number" && cost >= 0))
    report(`${at}.Cost`, "Cost must be a number from 0 on.");
  if (gate !== undefined && gate !== "before" && gate !== "inline" && gate !== "none") {
    report(`${at}.Gate`, `Gate must be "before", "inline" or "none".`);
  }
  if (gate === "none" && (requires !== undefined || cost !== undefined)) {
    report(`${at}.Gate`, "Requires and Cost are dealt with at the gate, so a step that has them needs one.");
  }
  if (humanKind(state) !== undefined && (gate === "inline" || gate === "none")) {
    report(`${at}.Gate`, "An approval or form always has a gate before it.");
  }
  if (state.scope.distributed) {
    if (requires !== undefined)
      report(`${at}.Requires`, "There are no gates inside a Distributed Map, so nothing could check this.");
    else warn(`${at}: there are no gates inside a Distributed Map, so this has no effect.`);
  } else if (gate === "inline" && humanKind(state) === undefined) {
    if (!callsFunction(state)) {
      report(`${at}.Gate`, "A gate can only be inside a Lambda function that the Task calls and waits for.");
    } else if (cost !== undefined) {
      warn(`${at}.Gate: a Cost is metered before the step, so "inline" is compiled like "before" here.`);
    }
  }
}
