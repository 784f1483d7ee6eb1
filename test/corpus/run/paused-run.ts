import type { Json } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import type { CorpusStack } from "./corpus-stack.ts";
import { drive } from "./drive.ts";
import { comparable, ENDLESS, historyOf, type Names, type Outcome } from "./outcome.ts";

const STATUS: Readonly<Record<string, string>> = { completed: "SUCCEEDED", failed: "FAILED" };

interface PausedRun {
  readonly outcome: Outcome;
  /** The number of calls of gates. */
  readonly gates: number;
  /** Whether it was paused, parked and was resumed. */
  readonly wasResumed: boolean;
}

interface Course {
  /** The first gate at which the run is paused, counted from 1. */
  readonly pauseAt: number;
  /** The number of times that the clock is moved for an endless run. */
  readonly moves: number | undefined;
}

/** Dispatches a run, pauses it at a gate, and resumes it when it has parked. */
export async function runPaused(
  stack: CorpusStack,
  flowId: string,
  input: Json,
  { pauseAt, moves }: Course,
): Promise<PausedRun> {
  const { admin } = stack;
  let gates = 0;
  let runId: string | undefined;
  let isPausing = false;
  let wasResumed = false;
  stack.onGate = async (gated) => {
    if (runId !== undefined && gated !== runId) return;
    gates += 1;
    // A run that waits cannot be paused until the gate after its wait has decided, so the next gate is used.
    if (gates >= pauseAt && !isPausing) isPausing = (await admin.act(gated, "pause")).status < 300;
  };
  const dispatched = await admin.dispatch(flowId, input);
  runId = dispatched.runId;
  const isOver = async () => {
    const run = await admin.run(dispatched.runId);
    if (run.status === "paused" && run.parkedAt !== undefined) {
      await admin.expect([200, 202], "POST", `/runs/${run.runId}/resume`, {});
      wasResumed = true;
      await stack.activity.quiet();
      return isTerminal((await admin.run(run.runId)).status);
    }
    return isTerminal(run.status);
  };
  // A run may take a little longer to end with Sluice than without.
  const until = moves === undefined ? { isEndless: async () => false } : { moves };
  const driven = await drive(stack, isOver, until);
  stack.onGate = async () => undefined;
  const outcome = await outcomeOf(stack, await admin.run(runId), driven.isOver);
  if (!driven.isOver) await admin.act(runId, "cancel");
  return { outcome, gates, wasResumed };
}

async function outcomeOf(stack: CorpusStack, run: Run, isOver: boolean): Promise<Outcome> {
  const last = run.executionArn ?? "";
  const [, prefix = "", count = "0"] = /^(.*\.)(\d+)$/.exec(last) ?? [];
  const executionArns = Array.from({ length: Number(count) }, (_, index) => `${prefix}${index + 1}`);
  const parts = [];
  for (const arn of executionArns) parts.push(await historyOf(stack, arn));
  const executions = executionArns.map((arn) => arn.slice(arn.lastIndexOf(":") + 1));
  const machine = last.split(":").at(-2) ?? "";
  const machineArn = last.replace(":execution:", ":stateMachine:").replace(/:[^:]*$/, "");
  const names: Names = { executionArns, executions, machineArn, machine };
  const { status, output, error } = run;
  return comparable(
    {
      status: isOver ? (STATUS[status] ?? status) : ENDLESS,
      output: output === undefined ? undefined : JSON.stringify(output),
      // A Fail state without a name or cause has empty ones in the API.
      error: error?.error || undefined,
      cause: error?.cause || undefined,
      calls: parts.flatMap(({ calls }) => calls),
      gated: parts.reduce((sum, { gated }) => sum + gated, 0),
      failedAt: parts.flatMap(({ failedAt }) => failedAt),
      readerFailures: [],
      received: stack.received(),
    },
    names,
  );
}
