import { executionArn, executionName, machineArn } from "../model/machine-names.ts";
import { isTerminal } from "../model/transitions.ts";
import type { RunRecord } from "../store/records.ts";
import { about, type Engine } from "./engine.ts";
import { failRun } from "./fail-run.ts";
import { stopExecution } from "./stop-run.ts";

/**
 * Makes sure that the run's execution exists. Name and input are the same at every try, so a lost answer does no harm:
 * an execution of that name is ours. `payload` saves the read where the caller has it. Throws when Step Functions cannot be reached.
 */
export const startRun = async (engine: Engine, run: RunRecord, payload?: string): Promise<void> => {
  const input = payload ?? (await engine.runs.payload(run.workspace, run.runId));
  if (input === undefined) return; // deleted in the meantime
  const machine =
    run.startState === undefined
      ? await engine.runs.machineVersionArn(run)
      : machineArn(engine.statesArnPrefix, run);
  const outcome =
    machine === undefined
      ? "no-machine"
      : await engine.executions.start({ machineArn: machine, name: executionName(run), input });
  engine.log.info("Start of the execution", { ...about(run), outcome });
  if (outcome === "no-machine") {
    const failure = {
      error: "Sluice.StateMachineMissing",
      cause: `Version ${run.version} of the flow has no state machine any more; publish the flow again and replay the run`,
      state: "",
    };
    // One that began has its execution already.
    await failRun(engine, run, failure, { still: (current) => current.startedAt === undefined });
    return;
  }
  await stopIfOver(engine, run);
};

/** Start first, look second: whoever ends the run either finds the execution and stops it, or is seen here. */
const stopIfOver = async (engine: Engine, run: RunRecord): Promise<void> => {
  const now = await engine.runs.get(run.workspace, run.runId);
  const over = now === undefined || now.deleted === true || isTerminal(now.status);
  if (!over || now?.status === "completed") return;
  await stopExecution(engine, now ?? run, executionArn(engine.statesArnPrefix, run));
};
