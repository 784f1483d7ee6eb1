import type { Kept } from "../../model/holds/keeps.ts";
import type { Json } from "../../model/json/json.ts";
import { parseExecutionName } from "../../model/machines/machine-names.ts";
import type { GateEvent } from "../../model/machines/task-events.ts";
import type { WaitingOn } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import type { OutputItem } from "../../store/runs/run-contents.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { enteredAt, isTopLevel, stepIdOf } from "../steps/visit.ts";
import type { GateQuestion } from "./decide-gate.ts";
import { TaskError } from "./task-error.ts";

/** Returns the run that a compiled flow's event belongs to. Throws `notARun` for a managed flow's execution that Sluice did not start. */
export const runIdOf = (execution: string): { runId: string; attempt: number } => {
  const parsed = parseExecutionName(execution);
  if (parsed === undefined) throw new TaskError("notARun", notStarted(execution));
  return parsed;
};

const notStarted = (execution: string): string =>
  `Sluice did not start the execution ${execution}. This is a managed flow: start its runs through Sluice.`;

/** Returns the attempt to store in a step's record; none for the first attempt. */
export const ofAttempt = ({ execution }: { readonly execution: string }): Pick<StepItem, "attempt"> => {
  const { attempt } = runIdOf(execution);
  return attempt === 1 ? {} : { attempt };
};

/** Returns the wait that the state's own fields describe, without an end if the date is not readable. */
const waitingOn = (event: GateEvent, now: number): Omit<WaitingOn, "stepId"> | undefined => {
  const { waitingOn: wait } = event;
  if (wait === undefined) return undefined;
  const until =
    wait.seconds !== undefined ? now + wait.seconds * 1000 : Date.parse(wait.timestamp ?? "unknown");
  const readable = Math.abs(until) <= 8.64e15; // the range of Date
  return { kind: wait.kind, ...(readable ? { until: iso(until) } : {}) };
};

/** The state of the flow, as the gate read it. */
export interface FlowSays {
  readonly kept: Kept | undefined;
  readonly onFailure?: "pause" | undefined;
  readonly countsCompletion?: boolean;
}

export const questionOf = (
  event: GateEvent,
  { kept, onFailure, countsCompletion = false }: FlowSays,
  denied: boolean,
  now: number,
): GateQuestion => {
  const stepId = stepIdOf(event);
  const wait = waitingOn(event, now);
  return {
    kind: denied ? "step" : event.kind,
    topLevel: isTopLevel(event),
    attempt: runIdOf(event.execution).attempt,
    state: event.state,
    stepId,
    entered: enteredAt(event),
    ...(kept === undefined ? {} : { kept }),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(countsCompletion ? { countsCompletion } : {}),
    ...(event.retry === undefined ? {} : { retry: event.retry }),
    ...(wait === undefined ? {} : { waitingOn: { ...wait, stepId } }),
    ...(event.timeoutSeconds === undefined ? {} : { timeoutSeconds: event.timeoutSeconds }),
    ...(event.kind === "fail"
      ? { failure: { error: event.error ?? "", cause: event.cause ?? "", state: event.state, stepId } }
      : {}),
  };
};

/** Returns the step that its gate writes, once. `wait` is the wait that was written to the run. */
export const stepOf = (
  event: GateEvent,
  now: number,
  wait: Omit<WaitingOn, "stepId"> | undefined,
): StepItem => {
  return {
    ...ofAttempt(event),
    stepId: stepIdOf(event),
    name: event.state,
    type: event.type ?? "Task",
    path: event.path,
    entered: enteredAt(event),
    startedAt: iso(now),
    after: event.after ?? [],
    ...(event.completed === undefined ? {} : { completed: event.completed }),
    ...(event.last === undefined ? {} : { last: event.last }),
    ...(event.distributed === true ? { distributed: true } : {}),
    ...keptInput(event.input),
    ...(wait === undefined ? {} : { waitingOn: withoutStep(wait) }),
  };
};

/** The step's item may also hold an answer of 256 KiB, so longer inputs are read from the history. */
export const MAX_INPUT_BYTES = 65_536;

const keptInput = (input: Json | undefined): Pick<StepItem, "input"> => {
  if (input === undefined) return {};
  const text = JSON.stringify(input);
  return Buffer.byteLength(text) > MAX_INPUT_BYTES ? {} : { input: text };
};

const withoutStep = ({ kind, until }: Omit<WaitingOn, "stepId">): Omit<WaitingOn, "stepId"> =>
  until === undefined ? { kind } : { kind, until };

/** Returns the output item of a run that ends here. */
export const outputOf = (event: GateEvent): OutputItem =>
  event.kind === "fail"
    ? { error: event.error ?? "", cause: event.cause ?? "" }
    : {
        after: event.after ?? [],
        ...(event.completed === undefined ? {} : { completed: event.completed }),
        ...(event.input === undefined ? {} : { output: JSON.stringify(event.input) }),
      };
