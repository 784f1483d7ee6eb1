import type { Run } from "../../../shared/model/schemas/run.ts";
import type { ListedStep } from "../api/steps.ts";
import { isHalted } from "../components/status.tsx";
import { type GraphScope, isStep } from "../graph/states.ts";

/** Whether the run has stopped by itself, so that it can continue elsewhere. A run that only its flow holds has not. */
export const isMendable = ({ status, pausedBy, parkedAt, queued }: Run): boolean =>
  status === "paused" && pausedBy?.kind !== "flow" && parkedAt !== undefined && !queued;

/** Whether the run is in an execution that somebody else started and may wait for. One that failed has ended. */
export const isAwaited = (run: Run): boolean => {
  const { startedBy, executionArn = "" } = run;
  const name = typeof startedBy === "object" && startedBy.kind === "execution" ? startedBy.id : undefined;
  return name !== undefined && executionArn.endsWith(`:${name}`) && !isHalted(run);
};

/** The record of a state's data: as the input or the output of a step. */
export interface Record {
  readonly step: ListedStep;
  readonly part: "input" | "output";
}

/** The top-level state at which a paused run stopped, and its input, as far as they are known. */
export interface Stand {
  readonly state?: string;
  readonly input?: Record;
}

/** The newest visit of a top-level state. */
export const visitOf = (steps: readonly ListedStep[], state: string | undefined): ListedStep | undefined =>
  steps.findLast(({ name, branch }) => name === state && branch === undefined);

/**
 * Finds out where a run stopped: at the state that failed, or before the state that follows its newest step. Between two steps there may be
 * states that no list of steps shows, and then only the service knows.
 */
export const standOf = (run: Run, steps: readonly ListedStep[], { states, edges }: GraphScope): Stand => {
  if (isHalted(run)) {
    const { state = "" } = run.pausedBy ?? {};
    const step = visitOf(steps, state);
    if (state === "") return {};
    return { state, ...(step === undefined ? {} : { input: { step, part: "input" } }) };
  }
  const step = visitOf(steps, run.currentStep);
  const known = run.stoppedBefore === undefined ? run.pausedBy?.state : run.stoppedBefore || undefined;
  if (step?.status !== "completed" || step.output === undefined)
    return known === undefined ? {} : { state: known };
  const next = edges.find(({ from, kind }) => from === step.name && kind === "next")?.to;
  const state = states.find(({ name }) => name === next);
  // A breakpoint or a number of steps names the state. Only if no other state lies between, its input is the step's output.
  if (known !== undefined && known !== state?.name) return { state: known };
  if (state === undefined || !isStep(state.type)) return {};
  return { state: state.name, input: { step, part: "output" } };
};
