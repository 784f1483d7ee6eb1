import type { JsonObject } from "../../model/json/json.ts";
import { GATE_UNREACHABLE, TASK_ERRORS } from "../../model/machines/task-events.ts";
import { failState } from "./fail-state.ts";
import { type Catcher, OWN_FAILURES, UNCHANGED } from "./handlers.ts";
import { asTemplate, constant, type Expression, object } from "./jsonata-text.ts";
import { type FlowConstants, jsonataState, type MadeStates, type Plan } from "./plan.ts";

/**
 * The gates of an attached state machine. They differ from those of a managed flow in three ways. Anyone may start an execution, so each
 * gate sends the execution's identity. The role's permission or Sluice's functions may be gone, so a gate that cannot be called gives
 * up after a few retries. An execution without a run fails; it never succeeds silently.
 */

/** Errors with which gates end an execution. They bypass the user's Retry and Catch. */
export const ENDING: readonly string[] = [
  TASK_ERRORS.notARun,
  TASK_ERRORS.runIsOver,
  TASK_ERRORS.flowHeld,
  TASK_ERRORS.timedOut,
  GATE_UNREACHABLE,
];

/** The function or its alias does not exist, or the machine's role may not call it. */
const GONE: readonly string[] = ["Lambda.ResourceNotFoundException", "Lambda.AccessDeniedException"];
/** Step Functions uses this name for calls that the role may not make, and also for temporary failures of Lambda. */
const MAYBE_GONE = "Lambda.AWSLambdaException";

/** Permissions and aliases take a few seconds to take effect everywhere. */
const RETRY_GONE: readonly JsonObject[] = [
  { ErrorEquals: [...GONE], MaxAttempts: 5, JitterStrategy: "FULL" },
  { ErrorEquals: [MAYBE_GONE], MaxAttempts: 8, MaxDelaySeconds: 60, JitterStrategy: "FULL" },
];

/**
 * Whether a machine has the gates of this version, whatever release compiled its text. Every release writes the two fields like this.
 */
export const hasGatesOf = (
  text: JsonObject,
  { incarnation, version }: Pick<FlowConstants, "incarnation" | "version">,
): boolean => {
  const identity = object({ incarnation: constant(incarnation), version: constant(version) });
  return JSON.stringify(text).includes(`${identity.slice(0, -1)},`);
};

/** Whether the gates of a machine name this flow. Every release writes the field like this. */
export const namesFlow = (text: JsonObject, flowId: string): boolean =>
  JSON.stringify(text).includes(object({ flow: constant(flowId) }).slice(1, -1));

/** The execution, and the flow version that it runs. */
const origin = ({ constants }: Plan): Expression =>
  `context.Execution.${object({
    incarnation: constant(constants.incarnation),
    version: constant(constants.version),
    startedAt: "StartTime",
    redrives: "RedriveCount",
  })}`;

/** Limit for the state's input and the execution's input together. Above it, the gate leaves out the payload, and the function reads it. */
const MAX_CHARACTERS = 50_000;
/** A name with a dot at this position may belong to an execution that Sluice started. Its run already has the payload. */
const PLACE_OF_ATTEMPT = 36;
const PAYLOAD: Expression =
  `$substring(context.Execution.Name,${PLACE_OF_ATTEMPT},1)!='.' and ` +
  `$length($string(input))+$length($string(context.Execution.Input))<${MAX_CHARACTERS}?context.Execution.Input`;

/** The fields that attached flows add to a gate's event. */
export const attachedFields = (plan: Plan): Readonly<Record<string, Expression>> =>
  plan.attached === undefined ? {} : { ...originField(plan), payload: PAYLOAD };

/** The field that attached flows add to the event of an arrival. */
export const originField = (plan: Plan): Readonly<Record<string, Expression>> =>
  plan.attached === undefined ? {} : { attached: origin(plan) };

/** The field that attached flows add to the event of a park or a fail gate. */
export const attachedField = (plan: Plan): JsonObject =>
  plan.attached === undefined ? {} : { attached: asTemplate(`$states.${origin(plan)}`) };

/** The Retry and Catch of a state that calls one of Sluice's functions. If the function cannot be called, `Next` follows. */
export const attachedHandlers = (
  Next: string,
  catchers: readonly Catcher[] = [],
  raised: readonly string[] = [],
  more: JsonObject = {},
): JsonObject => {
  const answers = [...catchers.flatMap(({ ErrorEquals }) => ErrorEquals), ...raised];
  return {
    Retry: [
      ...(answers.length === 0 ? [] : [{ ErrorEquals: answers, MaxAttempts: 0 }]),
      ...RETRY_GONE.map((retrier) => ({ ...retrier })),
      { ...OWN_FAILURES },
    ],
    Catch: [...catchers, { ErrorEquals: [...GONE, MAYBE_GONE], ...more, Output: UNCHANGED, Next }],
  };
};

/** The transitions that only the gates of attached flows have. */
export interface Exits {
  /** The catcher of the errors that end the execution, at the top level. */
  readonly ending: readonly Catcher[];
  /** The errors that a gate inside a branch raises. */
  readonly raised: readonly string[];
  /** The state that follows if the gate cannot be called. */
  readonly unreachable: string;
}

/** A gate, and the transition that it takes when the run passes. */
interface Gate {
  /** Absent at the end of the flow. */
  readonly subject?: string | undefined;
  readonly nested: boolean;
  /** Whether an execution may begin here. */
  readonly first: boolean;
  readonly onPass: { readonly Next: string } | { readonly End: true };
}

export function makeExits(plan: Plan, gate: Gate, made: MadeStates): Exits {
  const { nested } = gate;
  return {
    ending: nested ? [] : makeEnding(plan, made),
    raised: nested ? ENDING : [],
    unreachable: makeUnreachable(plan, gate, made),
  };
}

function makeUnreachable(plan: Plan, gate: Gate, made: MadeStates): string {
  const { onPass, nested, subject, first } = gate;
  if (plan.attached?.whenUnreachable === "fail")
    return makeUnreachableEnd(plan, made, nested ? subject : undefined);
  const next = "Next" in onPass ? onPass.Next : plan.names.of("done");
  if (!("Next" in onPass)) made.set(next, { Type: "Pass", End: true });
  if (!first) return next;
  const name = plan.names.of("ungated", subject);
  const Choices = [{ Condition: asTemplate(BEGINS_ELSEWHERE), Next: makeUnreachableEnd(plan, made) }];
  made.set(name, { Type: "Choice", ...jsonataState(plan), Choices, Default: next });
  return name;
}

/**
 * Whether Sluice has started this execution to continue a run. Without its gates, it would repeat the run's steps. A replay from a step looks
 * like a dispatched run, but repeats no step of its own run.
 */
const BEGINS_ELSEWHERE: Expression = `$states.context.Execution.($substring(Name,${PLACE_OF_ATTEMPT},1)='.' and $substring(Name,${PLACE_OF_ATTEMPT + 1})!='1')`;

/** Adds the Fail of an execution that cannot call Sluice's functions. Returns its name. */
export function makeUnreachableEnd(plan: Plan, made: MadeStates, subject?: string): string {
  const name = plan.names.of("unreachable", subject);
  const Cause =
    "The state machine's role cannot call Sluice's gate. Restore the permission, or release the flow.";
  made.set(name, { Type: "Fail", Error: GATE_UNREACHABLE, Cause });
  return name;
}

/** The catcher of the errors that end an execution, at the top level. */
export const makeEnding = (plan: Plan, made: MadeStates): readonly Catcher[] => [
  { ErrorEquals: [...ENDING], Next: makeEnd(plan, made) },
];

/** Adds the states that fail an execution with the error in their input. Returns the name of the first. */
export function makeEnd(plan: Plan, made: MadeStates): string {
  const name = plan.names.of("over");
  const end = plan.names.of("end");
  // The cause of a function's error is JSON that contains the message.
  const Output = asTemplate(
    `$states.input.${object({
      Error: `Error=${constant(TASK_ERRORS.timedOut)}?'States.Timeout':Error`,
      Cause: "$substring(Cause,0,1)='{'?$parse(Cause).errorMessage:Cause",
    })}`,
  );
  made.set(name, { Type: "Pass", ...jsonataState(plan), Output, Next: end });
  made.set(end, failState(plan, "both"));
  return name;
}
