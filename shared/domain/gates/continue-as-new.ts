import { executionArn } from "../../model/machines/machine-names.ts";
import type { Arrival, ContinueEvent } from "../../model/machines/task-events.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { ContinuationItem } from "../../store/runs/continuations.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { logFields, type StateGateDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { newIntent } from "../runs/intents.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { endThatFits } from "../steps/step-ends.ts";
import { stepIdOf } from "../steps/visit.ts";
import { stopOrRefuse } from "./end-execution.ts";
import { MAX_INPUT_BYTES, runIdOf } from "./gate-question.ts";
import { TaskError } from "./task-error.ts";

type Part<Name extends ContinueEvent["part"]> = Extract<ContinueEvent, { part: Name }>;

/** Serves both executions while a run continues as new. Every call may be repeated. */
export const continueAsNew = async (deps: StateGateDependencies, event: ContinueEvent): Promise<unknown> => {
  try {
    return await perform(deps, event);
  } catch (error) {
    if (!(error instanceof TaskError) || event.arn === undefined) throw error;
    // Where it is stopped, the call is repeated until the execution has ended, so that no part of the flow runs in the meantime.
    throw (await stopOrRefuse(deps, event, event.arn)) ?? error;
  }
};

const perform = async (deps: StateGateDependencies, event: ContinueEvent): Promise<unknown> => {
  switch (event.part) {
    case "keep":
      await keepVariable(deps, event);
      return {};
    case "leave":
      await leave(deps, event);
      return {};
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

/** Returns the run if it has not ended and this execution is its current one. Otherwise throws, which closes the execution. */
const ownRun = async (deps: StateGateDependencies, event: ContinueEvent): Promise<RunItem> => {
  const { runId, attempt } = runIdOf(event.execution);
  const run = await deps.runs.get(event.workspace, runId);
  const isOwn = run?.incarnation === event.incarnation && run.attempt === attempt;
  if (!isOwn || isOver(run)) throw new TaskError("closed");
  return run;
};

const isOver = (run: RunItem): boolean => run.deleted === true || isTerminal(run.status);

const keepVariable = async (deps: StateGateDependencies, event: Part<"keep">): Promise<void> => {
  const run = await ownRun(deps, event);
  const { variable, value } = event;
  if (value !== undefined)
    await deps.continuations.putVariable(run, run.attempt, variable, JSON.stringify(value));
};

/**
 * Leaves this execution: (1) stores the state and its input with the run; (2) gives the run its next attempt number and the
 * intent to start, in one conditional write; (3) starts that execution; (4) clears the intent; (5) deletes the data of the
 * previous change of execution. If the process dies before (2), the run stays here and the call is repeated. After (2), this
 * execution is no longer the run's, and the next call or the sweeper starts the other one.
 */
const leave = async (deps: StateGateDependencies, event: Part<"leave">): Promise<void> => {
  const { runId, attempt } = runIdOf(event.execution);
  let run = await deps.runs.get(event.workspace, runId);
  const continued = await retryOnConflict(
    deps,
    async (count) => {
      if (run?.continuedFrom === attempt && !isOver(run)) return run;
      if (run?.incarnation !== event.incarnation || run.attempt !== attempt || isOver(run))
        throw new TaskError("closed");
      if (count === 1) await keepInput(deps, run, event);
      const intent = newIntent(["start"], run.intent, deps.clock.now(), deps.ids);
      const written = await deps.runs.continueAsNew(run, intent);
      if (written.ok) {
        deps.log.info("The run continues in a fresh execution", { ...logFields(run), attempt: attempt + 1 });
        return written.run;
      }
      run = written.current;
      return "conflict";
    },
    () => new Error("The run changes too fast to continue in a fresh execution"),
  );
  await start(deps, continued);
};

/**
 * Stores the state's exact input from the history, whatever its size. If the history does not contain it yet, the call fails
 * and is repeated.
 */
const keepInput = async (deps: StateGateDependencies, run: RunItem, event: Part<"leave">): Promise<void> => {
  const { state, place } = event;
  const input = await deps.executions.inputOf(executionArn(deps.machinePlace, run), place);
  if (input === undefined) throw new Error(`The history does not show the entry to ${place}`);
  await deps.continuations.put(run, run.attempt, { state, input });
};

/** Starts the next execution. `run` is the run after the write, whichever call made it. */
const start = async (deps: StateGateDependencies, run: RunItem): Promise<void> => {
  const { continuedFrom = 0 } = run;
  if (run.intent?.kinds.includes("start")) await performIntentOrLeave(deps, run);
  await deps.continuations.delete(run, continuedFrom - 1);
};

const arrive = async (deps: StateGateDependencies, event: Part<"arrive">): Promise<Arrival> => {
  const run = await ownRun(deps, event);
  const from = pointOf(run);
  if (from === undefined) return {};
  const left = await deps.continuations.get(run, from);
  if (left === undefined) throw new Error("The earlier execution's state is missing");
  if (left.skipped !== undefined) await addSkippedStep(deps, run, left.skipped);
  return { state: left.state, variables: await deps.continuations.variables(run, from) };
};

/** Returns the key of the items that contain the run's place: the id of a request, or the number of the attempt that was left. */
const pointOf = ({ entry, continuedFrom }: RunItem): number | string | undefined => entry ?? continuedFrom;

/** Records the step that the run leaves out, once, with the output that it was given. */
const addSkippedStep = async (
  deps: StateGateDependencies,
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
  deps: StateGateDependencies,
  event: ContinueEvent,
  read: (run: RunItem, from: number | string) => Promise<string | undefined>,
): Promise<string> => {
  const run = await ownRun(deps, event);
  const from = pointOf(run);
  const text = from === undefined ? undefined : await read(run, from);
  if (text === undefined) throw new Error("The earlier execution's state is missing");
  return text;
};
