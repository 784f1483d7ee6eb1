import type { JsonObject } from "../../model/json/json.ts";
import { type GateEvent, TASK_ERRORS } from "../../model/machines/task-events.ts";
import { asTemplate, constant, type Expression, object } from "./jsonata-text.ts";
import {
  eventBase,
  jsonataState,
  lambdaInvoke,
  lambdaInvokeAndWait,
  type MadeStates,
  type Plan,
  POINT_VARIABLE,
  visitVariable,
} from "./plan.ts";

export type EventFields = Readonly<Record<string, Expression | undefined>>;

export interface GateSpec {
  /** The role and the state in generated names. */
  readonly role: string;
  readonly subject?: string;
  readonly kind: GateEvent["kind"];
  readonly depth: number;
  /** `entered` defaults to the gate's own EnteredTime. */
  readonly visit: { readonly state: Expression; readonly path: Expression; readonly entered?: Expression };
  readonly fields: EventFields;
  /** The fields whose expressions cannot fail, if other expressions can. */
  readonly safeFields?: EventFields;
  /** Variables to assign when the run passes, in addition to the visit. */
  readonly assign?: JsonObject;
  readonly onPass: { readonly Next: string } | { readonly End: true };
  /** Set if the run can continue as new: the first state of the departure, and the state to continue at. */
  readonly leave?: { readonly Next: string; readonly point: string };
  /** The catchers of control errors and denied access. `entered` is the time at which the visit began. */
  readonly refusals: (entered: Expression) => JsonObject[];
}

export const UNCHANGED = asTemplate("$states.input");
const OWN_ENTRY = "$states.context.State.EnteredTime";
export const BAD_EXPRESSION = "States.QueryEvaluationError";
/** The wait between two rounds of attempts, when the function of a gate does not respond. */
export const ROUND_SECONDS = 60;

/** About five minutes of attempts. Full jitter spreads the retries of a thousand gates. */
export const OWN_FAILURES: JsonObject = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxDelaySeconds: 30,
  MaxAttempts: 20,
  JitterStrategy: "FULL",
};

/** Adds the states of a gate to `made` and returns the name of the first one. */
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
  const targets = { again, park, retry, safe };

  made.set(first, gateState(plan, spec, spec.fields, entered, targets));
  made.set(again, gateState(plan, spec, spec.fields, carried, targets));
  if (safe !== undefined)
    made.set(safe, gateState(plan, spec, spec.safeFields ?? {}, carried, { ...targets, safe: undefined }));
  made.set(park, parkState(plan, { ...spec.visit, entered: carried }, again));
  made.set(retry, { Type: "Wait", ...jsonataState(plan), Seconds: ROUND_SECONDS, Next: again });
  return first;
}

interface GateTargets {
  readonly park: string;
  readonly retry: string;
  readonly safe: string | undefined;
}

function gateState(
  plan: Plan,
  spec: GateSpec,
  fields: EventFields,
  entered: Expression,
  targets: GateTargets,
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
  // Only the first gate of a visit begins it; later gates read the variable.
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
    Resource: lambdaInvoke(plan),
    Arguments: { FunctionName: plan.functions.gate, Payload: asTemplate(event) },
    Output: UNCHANGED,
    ...(Object.keys(assigned).length > 0 ? { Assign: assigned } : {}),
    Retry: [
      {
        ErrorEquals: [...answers(spec), ...(targets.safe === undefined ? [] : [BAD_EXPRESSION])],
        MaxAttempts: 0,
      },
      OWN_FAILURES,
    ],
    Catch: [
      goTo(TASK_ERRORS.paused, targets.park),
      ...(spec.leave === undefined ? [] : [goTo(TASK_ERRORS.continueAsNew, spec.leave.Next, leave)]),
      ...spec.refusals(entered),
      ...(targets.safe === undefined ? [] : [goTo(BAD_EXPRESSION, targets.safe)]),
      goTo("States.ALL", targets.retry),
    ],
    ...spec.onPass,
  };
}

/** The errors that the gate's function can return. Only some gates can be asked to leave the execution. */
const answers = ({ leave }: GateSpec): string[] =>
  Object.values(TASK_ERRORS).filter((name) => name !== TASK_ERRORS.continueAsNew || leave !== undefined);

/** The state in which a held visit waits. `visit` may have more fields than a gate's. */
export function parkState(plan: Plan, visit: EventFields, again: string): JsonObject {
  const event = object({ ...eventBase(plan, "park"), ...visit, token: "$states.context.Task.Token" });
  return {
    Type: "Task",
    ...jsonataState(plan),
    Resource: lambdaInvokeAndWait(plan),
    Arguments: { FunctionName: plan.functions.park, Payload: asTemplate(event) },
    Output: UNCHANGED,
    Retry: [OWN_FAILURES],
    // Returning to the gate is always safe: it parks again while the run is held.
    Catch: [{ ErrorEquals: ["States.ALL"], Output: UNCHANGED, Next: again }],
    Next: again,
  };
}
