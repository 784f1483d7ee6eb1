import type { JsonObject } from "../../model/json/json.ts";
import { type GateEvent, TASK_ERRORS } from "../../model/machines/task-events.ts";
import { asTemplate, constant, type Expression, object } from "../parse/jsonata-text.ts";
import {
  eventBase,
  jsonataState,
  LAMBDA_INVOKE,
  LAMBDA_INVOKE_AND_WAIT,
  type MadeStates,
  type Plan,
  POINT_VARIABLE,
  visitVariable,
} from "./plan.ts";

export type EventFields = Readonly<Record<string, Expression | undefined>>;

export interface GateSpec {
  /** The role in generated names, and the state that they name. */
  readonly role: string;
  readonly subject?: string;
  readonly kind: GateEvent["kind"];
  readonly depth: number;
  /** `entered` is the gate's own EnteredTime, unless the visit began elsewhere. */
  readonly visit: { readonly state: Expression; readonly path: Expression; readonly entered?: Expression };
  readonly fields: EventFields;
  /** The fields without what may fail at the run, if there is such a one. */
  readonly safeFields?: EventFields;
  /** What is assigned at the pass, beside the visit. */
  readonly assign?: JsonObject;
  readonly onPass: { readonly Next: string } | { readonly End: true };
  /** Where the run leaves this execution, if it can here, and what it leaves at. */
  readonly leave?: { readonly Next: string; readonly point: string };
  /** Catchers for a refusal, `entered` being the visit's at that state. */
  readonly refusals: (entered: Expression) => JsonObject[];
}

export const UNCHANGED = asTemplate("$states.input");
const OWN_ENTRY = "$states.context.State.EnteredTime";
export const BAD_EXPRESSION = "States.QueryEvaluationError";
/** Between two rounds of attempts of a gate whose function does not answer. */
export const ROUND_SECONDS = 60;

/** About five minutes of attempts; full jitter keeps a thousand gates from coming back together. */
export const OWN_FAILURES: JsonObject = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxDelaySeconds: 30,
  MaxAttempts: 20,
  JitterStrategy: "FULL",
};

/** Adds the states of a gate to `made` and gives the name of the first one. */
export function makeGate(plan: Plan, spec: GateSpec, made: MadeStates): string {
  const name = (part: string) =>
    plan.names.of(part === "" ? spec.role : `${spec.role} ${part}`, spec.subject);
  const first = name("");
  const again = name("after pause");
  const park = name("park");
  const retry = name("retry");
  const carried = spec.visit.entered ?? `$${visitVariable(spec.depth)}`;
  const entered = spec.visit.entered ?? OWN_ENTRY;
  const safe = spec.safeFields === undefined ? undefined : name("without details");
  const onwards = { again, park, retry, safe };

  made.set(first, gateState(plan, spec, spec.fields, entered, onwards));
  made.set(again, gateState(plan, spec, spec.fields, carried, onwards));
  if (safe !== undefined)
    made.set(safe, gateState(plan, spec, spec.safeFields ?? {}, carried, { ...onwards, safe: undefined }));
  made.set(park, parkState(plan, { ...spec.visit, entered: carried }, again));
  made.set(retry, { Type: "Wait", ...jsonataState(plan), Seconds: ROUND_SECONDS, Next: again });
  return first;
}

interface Onwards {
  readonly park: string;
  readonly retry: string;
  readonly safe: string | undefined;
}

function gateState(
  plan: Plan,
  spec: GateSpec,
  fields: EventFields,
  entered: Expression,
  onwards: Onwards,
): JsonObject {
  const { state, path } = spec.visit;
  const event = object({
    ...eventBase(plan, "gate"),
    state,
    path,
    entered,
    kind: constant(spec.kind),
    ...fields,
  });
  // Only the visit's first gate knows it by its own entry; everything later reads the variable.
  const keepVisit: JsonObject =
    entered === OWN_ENTRY ? { [visitVariable(spec.depth)]: asTemplate(OWN_ENTRY) } : {};
  const assigned = { ...keepVisit, ...spec.assign };
  const goTo = (error: string, next: string, kept: JsonObject = keepVisit): JsonObject => ({
    ErrorEquals: [error],
    ...(Object.keys(kept).length > 0 ? { Assign: kept } : {}),
    Output: UNCHANGED,
    Next: next,
  });
  const leave = spec.leave && { [POINT_VARIABLE]: asTemplate(constant(spec.leave.point)) };
  return {
    Type: "Task",
    ...jsonataState(plan),
    Resource: LAMBDA_INVOKE,
    Arguments: { FunctionName: plan.functions.gate, Payload: asTemplate(event) },
    Output: UNCHANGED,
    ...(Object.keys(assigned).length > 0 ? { Assign: assigned } : {}),
    Retry: [
      {
        ErrorEquals: [...answers(spec), ...(onwards.safe === undefined ? [] : [BAD_EXPRESSION])],
        MaxAttempts: 0,
      },
      OWN_FAILURES,
    ],
    Catch: [
      goTo(TASK_ERRORS.paused, onwards.park),
      ...(spec.leave === undefined ? [] : [goTo(TASK_ERRORS.continueAsNew, spec.leave.Next, leave)]),
      ...spec.refusals(entered),
      ...(onwards.safe === undefined ? [] : [goTo(BAD_EXPRESSION, onwards.safe)]),
      goTo("States.ALL", onwards.retry),
    ],
    ...spec.onPass,
  };
}

/** What the gate's function answers; only some gates are ever told to leave. */
const answers = ({ leave }: GateSpec): string[] =>
  Object.values(TASK_ERRORS).filter((name) => name !== TASK_ERRORS.continueAsNew || leave !== undefined);

/** Where a refused visit waits; `visit` may say more of it than a gate does. */
export function parkState(plan: Plan, visit: EventFields, again: string): JsonObject {
  const event = object({ ...eventBase(plan, "park"), ...visit, token: "$states.context.Task.Token" });
  return {
    Type: "Task",
    ...jsonataState(plan),
    Resource: LAMBDA_INVOKE_AND_WAIT,
    Arguments: { FunctionName: plan.functions.park, Payload: asTemplate(event) },
    Output: UNCHANGED,
    Retry: [OWN_FAILURES],
    // A gate is always the right place to go to: it parks again if the run is still held.
    Catch: [{ ErrorEquals: ["States.ALL"], Output: UNCHANGED, Next: again }],
    Next: again,
  };
}
