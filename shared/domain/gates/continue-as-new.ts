import { executionArn } from "../../model/machines/machine-names.ts";
import type { ContinueEvent } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type StateGateDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { newIntent } from "../runs/intents.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { stopOrRefuse } from "./end-execution.ts";
import { runIdOf } from "./gate-question.ts";
import { continuingRun, isOver, takeUp } from "./take-up.ts";
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
    default:
      return takeUp(deps, event);
  }
};

const keepVariable = async (deps: StateGateDependencies, event: Part<"keep">): Promise<void> => {
  const run = await continuingRun(deps, event);
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
