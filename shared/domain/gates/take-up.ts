import type { Arrival, ContinueEvent } from "../../model/machines/task-events.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { ContinuationItem } from "../../store/runs/continuations.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import type { PlaceDependencies } from "../deps.ts";
import { endThatFits } from "../steps/step-ends.ts";
import { stepIdOf } from "../steps/visit.ts";
import { overFor } from "./end-execution.ts";
import { MAX_INPUT_BYTES, runIdOf } from "./gate-question.ts";
import { owns } from "./own-run.ts";
import { TaskError } from "./task-error.ts";

type TakeUpEvent = Extract<ContinueEvent, { part: "arrive" | "variable" | "input" }>;

/** Tells an execution where its run continues, and with which data. Every call may be repeated. */
export const takeUp = async (deps: PlaceDependencies, event: TakeUpEvent): Promise<unknown> => {
  switch (event.part) {
    case "arrive":
      return arrive(deps, event);
    case "variable":
      return JSON.parse(
        await takenUp(deps, event, (run, from) => deps.continuations.variable(run, from, event.variable)),
      );
    case "input":
      return JSON.parse(
        await takenUp(deps, event, async (run, from) => (await deps.continuations.get(run, from))?.input),
      );
  }
};

/**
 * The same for an execution of an attached flow, whose gates fail it if its run is over. If the machine has another definition by now, the
 * execution fails too: the place may not be in it.
 */
export const takeUpAttached = async (deps: PlaceDependencies, event: ContinueEvent): Promise<unknown> => {
  if (event.part === "keep" || event.part === "leave")
    throw new TaskError("notARun", "The executions of an attached flow do not continue as new.");
  try {
    return await takeUp(deps, event);
  } catch (error) {
    throw error instanceof TaskError && error.why === "closed" ? await overFor(deps, event) : error;
  }
};

/** Returns the run if it has not ended and this execution is its current one. Otherwise throws, which closes the execution. */
export const continuingRun = async (deps: PlaceDependencies, event: ContinueEvent): Promise<RunItem> => {
  const { runId, attempt } = runIdOf(event.execution);
  const run = await deps.runs.get(event.workspace, runId);
  const isOwn = run !== undefined && owns(run, event) && run.attempt === attempt;
  if (!isOwn || isOver(run)) throw new TaskError("closed");
  const { attached } = event;
  if (attached === undefined || attached.version === run.version) return run;
  throw new TaskError(
    "notARun",
    `The run was to continue on version ${run.version} of its flow, but the state machine has the definition of version ${attached.version} by now. Resume or replay the run on the latest version.`,
  );
};

export const isOver = (run: RunItem): boolean => run.deleted === true || isTerminal(run.status);

const arrive = async (deps: PlaceDependencies, event: TakeUpEvent): Promise<Arrival> => {
  const run = await continuingRun(deps, event);
  const from = pointOf(run);
  if (from === undefined) return replayedFrom(run);
  const left = await deps.continuations.get(run, from);
  if (left === undefined) throw new Error("The earlier execution's state is missing");
  if (left.skipped !== undefined) await addSkippedStep(deps, run, left.skipped);
  return { state: left.state, variables: await deps.continuations.variables(run, from) };
};

/** Returns the key of the items that contain the run's place: the id of a request, or the number of the attempt that was left. */
const pointOf = ({ entry, continuedFrom }: RunItem): number | string | undefined => entry ?? continuedFrom;

/** The place of a replay from a state, in an attached flow: the state's input is the run's payload. Empty for any other run. */
const replayedFrom = ({ machine, startState }: RunItem): Arrival =>
  machine === undefined || startState === undefined ? {} : { state: startState, variables: [] };

/** Records the step that the run leaves out, once, with the output that it was given. */
const addSkippedStep = async (
  deps: PlaceDependencies,
  run: RunItem,
  { name, type, input, output, at }: NonNullable<ContinuationItem["skipped"]>,
): Promise<void> => {
  const step: StepItem = {
    stepId: stepIdOf({ state: name, path: "", entered: at }),
    ...{ name, type, path: "", attempt: run.attempt, entered: at, startedAt: at, after: [] },
    ...(Buffer.byteLength(input) > MAX_INPUT_BYTES ? {} : { input }),
  };
  const end = endThatFits(step, { at, status: "completed", output });
  await deps.steps.add(run.workspace, run.runId, { ...step, end });
};

const takenUp = async (
  deps: PlaceDependencies,
  event: TakeUpEvent,
  read: (run: RunItem, from: number | string) => Promise<string | undefined>,
): Promise<string> => {
  const run = await continuingRun(deps, event);
  const from = pointOf(run);
  const isReplayed = from === undefined && event.part === "input" && replayedFrom(run).state !== undefined;
  const text = isReplayed
    ? await deps.runs.payload(run.workspace, run.runId)
    : from === undefined
      ? undefined
      : await read(run, from);
  if (text === undefined) throw new Error("The earlier execution's state is missing");
  return text;
};
