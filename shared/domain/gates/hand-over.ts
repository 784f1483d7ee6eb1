import { executionArn } from "../../model/machines/machine-names.ts";
import type { Arrival, HandOverEvent } from "../../model/machines/task-events.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunRecord } from "../../store/records.ts";
import type { HandOverStore } from "../../store/runs/hand-overs.ts";
import { about, type Engine } from "../deps.ts";
import { newIntent } from "../runs/intents.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { runIdOf } from "./gate-question.ts";
import { TaskError } from "./task-error.ts";

export interface HandOverTools extends Engine {
  readonly handOvers: HandOverStore;
}
type Part<Name extends HandOverEvent["part"]> = Extract<HandOverEvent, { part: Name }>;

const TRIES = 20;

/** What the two executions of a hand-over ask, each call of it any number of times. */
export const handOver = async (tools: HandOverTools, event: HandOverEvent): Promise<unknown> => {
  switch (event.part) {
    case "keep":
      await keepVariable(tools, event);
      return {};
    case "leave":
      await leave(tools, event);
      return {};
    case "arrive":
      return arrive(tools, event);
    case "variable":
      return JSON.parse(
        await takenUp(tools, event, (run, from) => tools.handOvers.variable(run, from, event.variable)),
      );
    case "input":
      return JSON.parse(
        await takenUp(tools, event, async (run, from) => (await tools.handOvers.get(run, from))?.input),
      );
  }
};

/** The run, while this execution is its own and it is not over; closes the execution otherwise. */
const ownRun = async (tools: HandOverTools, event: HandOverEvent): Promise<RunRecord> => {
  const { runId, attempt } = runIdOf(event.execution);
  const run = await tools.runs.get(event.workspace, runId);
  if (run === undefined || run.attempt !== attempt || isOver(run)) throw new TaskError("closed");
  return run;
};

const isOver = (run: RunRecord): boolean => run.deleted === true || isTerminal(run.status);

const keepVariable = async (tools: HandOverTools, event: Part<"keep">): Promise<void> => {
  const run = await ownRun(tools, event);
  const { variable, value } = event;
  if (value !== undefined)
    await tools.handOvers.putVariable(run, run.attempt, variable, JSON.stringify(value));
};

/**
 * (1) What is taken along is put beside the run; (2) one conditional write gives the run its next number, with the intent to start;
 * (3) that execution is started; (4) the intent is cleared; (5) what the run took up the last time goes. A death before (2) leaves
 * the run here, and this call is made again; after (2) this execution is not the run's any more, whatever becomes of it, and the
 * start is the next call's or the sweeper's.
 */
const leave = async (tools: HandOverTools, event: Part<"leave">): Promise<void> => {
  const { runId, attempt } = runIdOf(event.execution);
  let run = await tools.runs.get(event.workspace, runId);
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (run?.goesOnFrom === attempt && !isOver(run)) return start(tools, run);
    if (run === undefined || run.attempt !== attempt || isOver(run)) throw new TaskError("closed");
    if (tries === 0) await keepInput(tools, run, event);
    const intent = newIntent(["start"], run.intent, tools.clock.now(), tools.ids);
    const written = await tools.runs.handOver(run, intent);
    if (written.ok) {
      tools.log.info("The run goes on in a fresh execution", { ...about(run), attempt: attempt + 1 });
      return start(tools, written.record);
    }
    run = written.current;
  }
  throw new Error("The run changes too fast to be handed over");
};

/** Step Functions has it to the letter, at whatever size; a history that does not show it yet fails the call, which is made again. */
const keepInput = async (tools: HandOverTools, run: RunRecord, event: Part<"leave">): Promise<void> => {
  const { state, place } = event;
  const input = await tools.executions.inputOf(executionArn(tools.statesArnPrefix, run), place);
  if (input === undefined) throw new Error(`The history does not show the entry to ${place}`);
  await tools.handOvers.put(run, run.attempt, { state, input });
};

/** `run`: after the hand-over, by whichever call. */
const start = async (tools: HandOverTools, run: RunRecord): Promise<void> => {
  const { goesOnFrom = 0 } = run;
  if (run.intent?.kinds.includes("start")) await performIntentOrLeave(tools, run);
  await tools.handOvers.drop(run, goesOnFrom - 1);
};

const arrive = async (tools: HandOverTools, event: Part<"arrive">): Promise<Arrival> => {
  const run = await ownRun(tools, event);
  const { goesOnFrom } = run;
  if (goesOnFrom === undefined) return {};
  const left = await tools.handOvers.get(run, goesOnFrom);
  if (left === undefined) throw new Error("What the earlier execution has left is not there");
  return { state: left.state, variables: await tools.handOvers.variables(run, goesOnFrom) };
};

const takenUp = async (
  tools: HandOverTools,
  event: HandOverEvent,
  read: (run: RunRecord, from: number) => Promise<string | undefined>,
): Promise<string> => {
  const run = await ownRun(tools, event);
  const text = run.goesOnFrom === undefined ? undefined : await read(run, run.goesOnFrom);
  if (text === undefined) throw new Error("What the earlier execution has left is not there");
  return text;
};
