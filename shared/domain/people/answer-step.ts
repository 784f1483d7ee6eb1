import { setTimeout } from "node:timers/promises";
import type { Actor } from "../../model/actor.ts";
import type { Json } from "../../model/json/json.ts";
import { MAX_PAYLOAD_BYTES } from "../../model/limits.ts";
import type { Step, WaitingOn } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { HumanTask, StepItem } from "../../store/runs/step-item.ts";
import { orWarn, type RunDependencies } from "../deps.ts";
import {
  answerTooLarge,
  existingRun,
  invalidAnswer,
  stepAlreadyCompleted,
  stepAssignedToOthers,
  stepNotFound,
  stepNotReady,
  stepTakesNoAnswer,
} from "../refusals.ts";
import { newIntent } from "../runs/intents.ts";
import { readStep, type StepAddress } from "../steps/read-steps.ts";
import { deliverAnswer } from "./deliver-answer.ts";
import { checkFormData, type DataError } from "./form-data.ts";

interface StepAnswer {
  readonly decision: "approved" | "rejected" | "submitted";
  readonly comment?: string;
  readonly data?: Json;
}
export interface CompleteStepRequest extends StepAnswer, StepAddress {
  readonly actor: Actor;
  /** Operators and administrators answer steps without assignees. */
  readonly mayAnswerUnassigned: boolean;
}

/**
 * Answers an approval or a form, once. The answer is stored in one conditional write with the intent to deliver it, and sent
 * afterwards: no two people are both told that their answer counted, and if this process dies before sending, the sweeper sends
 * it.
 */
export const answerStep = async (deps: RunDependencies, request: CompleteStepRequest): Promise<Step> => {
  const { run, step } = await awaitQuestion(deps, request);
  // People who may answer only steps assigned to them do not learn about the state of others' steps.
  if (!request.mayAnswerUnassigned) refuseStranger(step.human ?? {}, request);
  const human = openTask(run, step);
  refuseStranger(human, request);
  const errors = answerErrors(human, request);
  if (errors.length > 0) throw invalidAnswer(errors);
  const answered = await freeze(deps, request);
  await deliver(deps, run, answered);
  return readStep(deps, request);
};

/** Returns the step's question, while it is open. */
export const openTaskOf = (run: RunItem, step: StepItem): HumanTask | undefined => {
  const passed = hasLeft(run, step);
  const over = isTerminal(run.status) || step.end !== undefined || step.human?.answer !== undefined;
  return over || passed ? undefined : step.human;
};

/**
 * Whether the run is at a later step by now. A step in a branch is left with the Parallel or Map around it, for example after a sibling has
 * failed: the run's newest top-level visit is then younger than the step.
 */
const hasLeft = ({ currentStep }: RunItem, { path, stepId, entered }: StepItem): boolean =>
  path === "" ? currentStep?.stepId !== stepId : currentStep !== undefined && currentStep.entered > entered;

/** Returns the step's question. Throws `step_already_completed` if it is no longer open. */
export const openTask = (run: RunItem, step: StepItem): HumanTask => {
  if (step.human === undefined) throw stepTakesNoAnswer();
  const open = openTaskOf(run, step);
  if (open === undefined) throw stepAlreadyCompleted();
  return open;
};

/** Whether the caller may answer: one of the assignees; without assignees, operators and administrators. */
export const mayAnswer = (
  human: Pick<HumanTask, "assignees">,
  { actor, mayAnswerUnassigned }: Pick<CompleteStepRequest, "actor" | "mayAnswerUnassigned">,
): boolean =>
  human.assignees === undefined
    ? mayAnswerUnassigned
    : actor.kind === "user" && human.assignees.includes(actor.id);

const refuseStranger = (human: Pick<HumanTask, "assignees">, request: CompleteStepRequest): void => {
  if (!mayAnswer(human, request)) throw stepAssignedToOthers();
};

const DECISIONS: Readonly<Record<HumanTask["kind"], readonly StepAnswer["decision"][]>> = {
  approval: ["approved", "rejected"],
  form: ["submitted"],
};

const answerErrors = (human: HumanTask, answer: StepAnswer): DataError[] => {
  const decisions = DECISIONS[human.kind];
  if (!decisions.includes(answer.decision)) {
    const message = `an answer to this ${human.kind} is ${decisions.join(" or ")}`;
    return [{ path: "decision", message }];
  }
  const checked = human.form !== undefined && (human.kind === "form" || answer.data !== undefined);
  return checked ? checkFormData(human.form, answer.data) : [];
};

const freeze = async (deps: RunDependencies, request: CompleteStepRequest): Promise<StepItem> => {
  const { workspace, runId, stepId, actor, decision, comment, data } = request;
  const now = deps.clock.now();
  const answer = JSON.stringify({ decision, by: actor.id, at: iso(now), comment, data });
  // The answer is the step's output: a longer one could be stored but never delivered.
  const bytes = Buffer.byteLength(answer);
  if (bytes > MAX_PAYLOAD_BYTES) throw answerTooLarge(bytes);
  const intent = newIntent(["wake"], undefined, now, deps.ids);
  const written = await deps.steps.answer(workspace, runId, stepId, answer, intent);
  if (written.ok) return written.step;
  // Our own write, retried by the SDK, counts.
  if (written.current?.human?.intent?.id === intent.id) return written.current;
  throw stepAlreadyCompleted();
};

const deliver = async (deps: RunDependencies, run: RunItem, step: StepItem): Promise<void> => {
  const failed = "The answer could not be delivered; the sweeper will deliver it";
  const delivery = await orWarn(deps, run, failed, () => deliverAnswer(deps, run, step));
  if (delivery === "too-late") throw stepAlreadyCompleted();
};

/** The gate marks the run as waiting shortly before the flow sends the question itself. */
const MAX_POLLS = 60;
const POLL_INTERVAL_MS = 50;

/**
 * Returns a step that is about to be answered, with its run. The gate marks the run as waiting before the task token arrives,
 * so a person who answers immediately waits here for a moment. Throws `not_found`, or `service_unavailable` if the token does
 * not arrive.
 */
export const awaitQuestion = async (
  deps: RunDependencies,
  { workspace, runId, stepId }: StepAddress,
): Promise<{ run: RunItem; step: StepItem }> => {
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    const run = existingRun(await deps.runs.get(workspace, runId));
    const step = await deps.steps.get(workspace, runId, stepId);
    if (!willBeAsked(run, step, stepId)) {
      if (step === undefined) throw stepNotFound();
      return { run, step };
    }
    await setTimeout(POLL_INTERVAL_MS);
  }
  throw stepNotReady();
};

const willBeAsked = (run: RunItem, step: StepItem | undefined, stepId: string): boolean => {
  if (isTerminal(run.status) || step?.human !== undefined || step?.end !== undefined) return false;
  if (step === undefined) return run.waitingOn?.stepId === stepId && isHuman(run.waitingOn);
  const passed = hasLeft(run, step);
  return isHuman(step.waitingOn) && !passed;
};

const isHuman = (wait: Pick<WaitingOn, "kind"> | undefined): boolean =>
  wait?.kind === "approval" || wait?.kind === "form";
