import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import type { StateNode } from "./machine.ts";

/** A Task's `Sluice` field, with defaults. */
export interface SluiceField {
  readonly requires: readonly string[];
  readonly cost?: number;
  /** Whether the gate is a state before the step, or inside the function that the step calls. */
  readonly gate: "before" | "inline" | "none";
}

export const SLUICE_RESOURCE = "arn:sluice:::";
export const HUMAN_KINDS = ["approval", "form"] as const;
export type HumanKind = (typeof HUMAN_KINDS)[number];

/** The kind of human step that a state is, if any. */
export function humanKind(state: StateNode): HumanKind | undefined {
  const { Resource: resource } = state.body;
  return state.type === "Task" ? HUMAN_KINDS.find((kind) => resource === SLUICE_RESOURCE + kind) : undefined;
}

/** Reads a state's `Sluice` field and ignores invalid parts, which `checkSluiceFields` reports. */
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

/** A gate that runs as a state meters a cost, because such a gate can hold the flow. */
const isInline = (state: StateNode, field: JsonObject): boolean =>
  field.Gate === "inline" &&
  field.Cost === undefined &&
  callsFunction(state) &&
  hasLiteralArguments(state) &&
  !state.scope.distributed;

const LAMBDA_ARN = /^arn:aws[\w-]*:lambda:/;
const LAMBDA_INVOKE = /^arn:aws[\w-]*:states:::lambda:invoke$/;

/** Whether a Task calls a Lambda function and waits for its result. */
export const callsFunction = ({ body: { Resource: resource } }: StateNode): boolean =>
  typeof resource === "string" && (LAMBDA_ARN.test(resource) || LAMBDA_INVOKE.test(resource));

/** Whether the payload is a literal field, so that the gate's question can be added to it. */
const hasLiteralArguments = ({ body: { Resource: resource, Arguments: given } }: StateNode): boolean =>
  typeof given !== "string" || !LAMBDA_INVOKE.test(String(resource));
