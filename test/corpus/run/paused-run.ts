import type { Json } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import type { CorpusStack } from "./corpus-stack.ts";
import { untilOver } from "./drive.ts";
import { comparable, historyOf, type Names, type Outcome } from "./outcome.ts";

const STATUS: Readonly<Record<string, string>> = { completed: "SUCCEEDED", failed: "FAILED" };

interface PausedRun {
  /** Undefined if the run never ends. */
  readonly outcome: Outcome | undefined;
  /** The gates of the run, parks not counted. */
  readonly gates: number;
  readonly wasPaused: boolean;
}

/** Dispatches a run, pauses it at its `pauseAt`th gate, and resumes it when it has parked. */
export async function runPaused(
  stack: CorpusStack,
  flowId: string,
  input: Json,
  pauseAt: number,
): Promise<PausedRun> {
  const { admin } = stack;
  let gates = 0;
  let runId: string | undefined;
  let wasPaused = false;
  stack.onGate = async (gated) => {
    if (runId !== undefined && gated !== runId) return;
    gates += 1;
    if (gates !== pauseAt) return;
    await admin.act(gated, "pause");
    wasPaused = true;
  };
  const dispatched = await admin.dispatch(flowId, input);
  runId = dispatched.runId;
  const isOver = await untilOver(stack, async () => {
    const run = await admin.run(dispatched.runId);
    if (run.status === "paused" && run.parkedAt !== undefined) {
      await admin.expect([200, 202], "POST", `/runs/${run.runId}/resume`, {});
      await stack.activity.quiet();
      return isTerminal((await admin.run(run.runId)).status);
    }
    return isTerminal(run.status);
  });
  stack.onGate = async () => undefined;
  if (isOver) return { outcome: await outcomeOf(stack, await admin.run(runId)), gates, wasPaused };
  await admin.act(runId, "cancel");
  return { outcome: undefined, gates, wasPaused };
}

async function outcomeOf(stack: CorpusStack, run: Run): Promise<Outcome> {
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
      status: STATUS[status] ?? status,
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
