import type { JsonObject } from "../../model/json/json.ts";
import { stateInName, TASK_ERRORS, TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { attachedField, attachedFields, attachedHandlers, type Exits, makeExits } from "./attached.ts";
import {
  BAD_EXPRESSION,
  type Catcher,
  ownHandlers,
  RUN_IS_OVER,
  UNCHANGED,
  WITHOUT_RUN,
} from "./handlers.ts";
import {
  asLiteral,
  asTemplate,
  constant,
  type Expression,
  inStates,
  objectOfStates,
} from "./jsonata-text.ts";
import {
  functionName,
  jsonataState,
  lambdaInvoke,
  lambdaInvokeAndWait,
  type MadeStates,
  ORIGIN,
  ORIGIN_PATH,
  type Plan,
  POINT_VARIABLE,
  TOKEN_ORIGIN,
  TOKEN_ORIGIN_PATH,
} from "./plan.ts";
import type { VisitPath } from "./visit-path.ts";

export type EventFields = Readonly<Record<string, Expression | undefined>>;

/** The user's state that a generated state belongs to. */
export interface Subject {
  readonly subject: string;
  /** Absent at the top level. */
  readonly path?: VisitPath;
}

export interface GateSpec extends Partial<Subject> {
  /** The role in generated names. */
  readonly role: string;
  /** The expression with which the gate of a Distributed Map's child reads the wrapper of its item. */
  readonly child?: Dynamic;
  /** The item, for the gate that unwraps it. */
  readonly item?: Expression;
  readonly fields: EventFields;
  /** The fields whose expressions cannot fail, if other expressions can. */
  readonly safeFields?: EventFields;
  /** Variables to assign when the run passes. */
  readonly assign?: JsonObject;
  readonly onPass: { readonly Next: string } | { readonly End: true };
  /** Set if the run can continue as new: the first state of the departure, and the state to continue at. */
  readonly leave?: { readonly Next: string; readonly point: string };
  /** Set for a gate at which an execution of an attached flow may begin: the first state of the arrival. */
  readonly arrive?: string | undefined;
  /** The catcher of denied access; `"uncaught"` if the error is raised to what is around the scope. */
  readonly denied?: Catcher | "uncaught" | undefined;
}

/** Adds the states of a gate to `made` and returns the name of the first one. */
export function makeGate(plan: Plan, spec: GateSpec, made: MadeStates): string {
  const first = plan.names.of(spec.role, spec.subject);
  const park = plan.names.of("park", spec.subject);
  const safe =
    spec.safeFields === undefined ? undefined : plan.names.of(`${spec.role} without details`, spec.subject);
  const { subject, onPass, path } = spec;
  const place = { subject, onPass, nested: path !== undefined, first: spec.arrive !== undefined };
  const exits = plan.attached && makeExits(plan, place, made);
  made.set(first, gateState(plan, spec, { name: first, fields: spec.fields, park, safe, exits }));
  if (safe !== undefined)
    made.set(safe, gateState(plan, spec, { name: safe, fields: spec.safeFields ?? {}, park, exits }));
  made.set(park, parkState(plan, spec, first, { unreachable: exits?.unreachable }));
  return first;
}

interface GateVariant {
  readonly name: string;
  readonly fields: EventFields;
  readonly park: string;
  readonly safe?: string | undefined;
  readonly exits?: Exits | undefined;
}

function gateState(plan: Plan, spec: GateSpec, { name, fields, park, safe, exits }: GateVariant): JsonObject {
  const { subject, path, leave, denied, arrive } = spec;
  const event = objectOfStates({
    v: constant(TASK_EVENT_VERSION),
    at: inStates(ORIGIN),
    flow: constant(plan.constants.flowId),
    state: subject === undefined || stateInName(name) === subject ? undefined : constant(subject),
    path: path?.constant === "" ? undefined : path?.expression,
    child: spec.child && inStates(spec.child[0]),
    ...fields,
    ...attachedFields(plan),
  });
  const goTo = (error: string, Next: string, more: JsonObject = {}): Catcher => ({
    ErrorEquals: [error],
    ...more,
    Output: UNCHANGED,
    Next,
  });
  const assign = spec.assign === undefined ? {} : { Assign: spec.assign };
  const catchers = [
    goTo(TASK_ERRORS.paused, park),
    ...(leave === undefined
      ? []
      : [
          goTo(TASK_ERRORS.continueAsNew, leave.Next, {
            Assign: { [POINT_VARIABLE]: asLiteral(leave.point) },
          }),
        ]),
    ...(arrive === undefined ? [] : [goTo(TASK_ERRORS.arrival, arrive)]),
    ...(denied === undefined || denied === "uncaught" ? [] : [denied]),
    ...(safe === undefined ? [] : [goTo(BAD_EXPRESSION, safe)]),
  ];
  const raised = denied === "uncaught" ? [TASK_ERRORS.accessDenied] : [];
  return {
    Type: "Task",
    ...jsonataState(plan),
    Resource: lambdaInvoke(plan),
    Arguments: { FunctionName: functionName(plan.functions.gate), Payload: asTemplate(event) },
    Output: spec.item === undefined ? UNCHANGED : asTemplate(spec.item),
    ...assign,
    ...(exits === undefined
      ? ownHandlers(catchers, [
          ...raised,
          ...(path === undefined && fields.after === undefined ? WITHOUT_RUN : [RUN_IS_OVER]),
        ])
      : attachedHandlers(
          exits.unreachable,
          [...catchers, ...exits.ending],
          [...raised, ...exits.raised],
          assign,
        )),
    ...spec.onPass,
  };
}

/** The gate before a failure. It always passes, so it has no park. `fixed` and `dynamic` contain the error and, if possible, the state. */
export function failGateState(
  plan: Plan,
  fixed: JsonObject,
  dynamic: Readonly<Record<string, Dynamic>>,
  Next: string,
): JsonObject {
  const common = {
    v: TASK_EVENT_VERSION,
    flow: plan.constants.flowId,
    kind: "fail",
    ...(plan.timeoutSeconds === undefined ? {} : { timeoutSeconds: plan.timeoutSeconds }),
  };
  return {
    Type: "Task",
    Resource: lambdaInvoke(plan),
    ...ownCall(plan, plan.functions.gate, { ...common, ...fixed }, { at: [ORIGIN, ORIGIN_PATH], ...dynamic }),
    ...(plan.attached === undefined ? ownHandlers([]) : attachedHandlers(Next)),
    Next,
  };
}

interface ParkOptions {
  /** The errors with which the park of a managed flow ends an execution. */
  readonly raised?: readonly string[];
  /** Additional fields of the event. */
  readonly more?: JsonObject;
  /** In an attached flow, the state that follows if the park's function cannot be called. */
  readonly unreachable?: string | undefined;
}

/** The state in which a held visit waits to be woken. The gate then decides again. */
export function parkState(
  plan: Plan,
  { subject, path, child }: Partial<Subject> & Pick<GateSpec, "child">,
  again: string,
  { more = {}, raised = [], unreachable = again }: ParkOptions = {},
): JsonObject {
  const fixed = {
    v: TASK_EVENT_VERSION,
    flow: plan.constants.flowId,
    ...(subject === undefined ? {} : explicitState(plan.names.of("park", subject), subject)),
    ...(path?.constant ? { path: path.constant } : {}),
    ...more,
  };
  return {
    Type: "Task",
    Resource: lambdaInvokeAndWait(plan),
    ...ownCall(plan, plan.functions.park, fixed, {
      at: [TOKEN_ORIGIN, TOKEN_ORIGIN_PATH],
      ...(child === undefined ? {} : { child }),
      ...(path === undefined || path.constant !== undefined
        ? {}
        : { path: [path.expression, path.jsonPath] }),
    }),
    ...(plan.attached === undefined ? ownHandlers([], raised) : attachedHandlers(unreachable)),
    Next: again,
  };
}

/** The field of an event that states the user's state where the generated name does not contain it. */
export const explicitState = (name: string, subject: string): { readonly state?: string } =>
  stateInName(name) === subject ? {} : { state: subject };

/** The value of a field, in JSONata and in JSONPath. */
export type Dynamic = readonly [jsonata: Expression, jsonPath: string];

/**
 * The fields of a call that keeps the state's input unchanged. They use the flow's own query language, because that is shorter. Attached
 * flows use JSONata, which leaves out fields that the execution does not have.
 */
function ownCall(
  plan: Plan,
  arn: string,
  fixed: JsonObject,
  dynamic: Readonly<Record<string, Dynamic>>,
): JsonObject {
  const { machine } = plan;
  const FunctionName = functionName(arn);
  const entries = Object.entries(dynamic);
  if (machine.language === "JSONPath" && plan.attached === undefined) {
    const Payload = { ...fixed, ...Object.fromEntries(entries.map(([key, [, path]]) => [`${key}.$`, path])) };
    return { Parameters: { FunctionName, Payload }, ResultPath: null };
  }
  const Payload = {
    ...Object.fromEntries(
      Object.entries(fixed).map(([key, value]) => [
        key,
        typeof value === "string" ? asLiteral(value) : value,
      ]),
    ),
    ...Object.fromEntries(entries.map(([key, [expression]]) => [key, asTemplate(expression)])),
    ...attachedField(plan),
  };
  return {
    ...(plan.attached === undefined ? {} : jsonataState(plan)),
    Arguments: { FunctionName, Payload },
    Output: UNCHANGED,
  };
}
