import * as z from "zod";
import { closeRun } from "../../shared/domain/runs/close-run.ts";
import { keepPlace } from "../../shared/domain/runs/keep-place.ts";
import { isLeft, isOfEarlierRun } from "../../shared/domain/runs/start-run.ts";
import { standsOnError } from "../../shared/domain/runs/status-change.ts";
import { settleOrLeave } from "../../shared/domain/steps/settle-steps.ts";
import { nativeRunId } from "../../shared/model/ids.ts";
import {
  executionArn,
  parseExecutionName,
  parseMachineName,
} from "../../shared/model/machines/machine-names.ts";
import { iso } from "../../shared/model/time/clock.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { addLogFields } from "../telemetry/invocation.ts";

/** A string from the user's code. If it was cut inside a surrogate pair, it could not be stored as it is. */
const anyText = z.string().transform((value) => value.toWellFormed());

/** `Step Functions Execution Status Change`, as EventBridge delivers it. Large events leave out input and output. */
const schema = z.object({
  detail: z.object({
    executionArn: z.string(),
    stateMachineArn: z.string(),
    name: z.string(),
    startDate: z.number(),
    status: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]),
    output: anyText.nullish(),
    error: anyText.nullish(),
    cause: anyText.nullish(),
  }),
});

const closeExecution = async (
  deps: Ending<Dependencies>,
  { detail }: z.infer<typeof schema>,
): Promise<void> => {
  const found = await runOf(deps, detail);
  if (found === undefined) return; // not a run's execution
  const { run, attempt } = found;
  if (attempt !== run.attempt) {
    if (standsOnError(run) && attempt === run.continuedFrom) await keepPlace(deps, run);
    else if (isLeft(run, attempt)) await settleOrLeave(deps, run, { attempt });
    return;
  }
  const { status, output, error, cause } = detail;
  addLogFields({ workspace: run.workspace, flow: run.flowId, run: run.runId });
  const closed = await closeRun(deps, run, {
    status,
    ...(output == null ? {} : { output }),
    ...(error == null ? {} : { error }),
    ...(cause == null ? {} : { cause }),
  });
  deps.log.info("Execution closed", { execution: status, status: closed?.status });
};

type Detail = z.infer<typeof schema>["detail"];
interface OwnExecution {
  readonly run: RunItem;
  readonly attempt: number;
}

/** Returns the run of an execution, and the attempt that it is; undefined if no run has this execution. */
const runOf = async (deps: Dependencies, detail: Detail): Promise<OwnExecution | undefined> => {
  const machineName = detail.stateMachineArn.split(":").at(6) ?? "";
  const managed = parseMachineName(machineName, deps.machinePlace.instance);
  const own = managed ?? (await deps.attachments.ownerOf(detail.stateMachineArn));
  if (own === undefined) return undefined;
  const dispatched = parseExecutionName(detail.name);
  const found = dispatched && (await readRun(deps, own.workspace, dispatched, detail));
  if (found !== undefined || managed !== undefined) return found;
  const runId = nativeRunId(detail.executionArn, iso(detail.startDate));
  return readRun(deps, own.workspace, { runId, attempt: 1 }, detail);
};

const readRun = async (
  deps: Dependencies,
  workspace: string,
  { runId, attempt }: { readonly runId: string; readonly attempt: number },
  { executionArn: arn, startDate }: Detail,
): Promise<OwnExecution | undefined> => {
  const run = await deps.runs.get(workspace, runId);
  if (run === undefined || run.deleted === true || isOfEarlierRun(run, startDate)) return undefined;
  return executionArn(deps.machinePlace, { ...run, attempt }) === arn ? { run, attempt } : undefined;
};

/** Creates the handler for executions that ended for any reason. Delivery is best effort; the sweeper finds what it misses. */
export const createExecutionClosedHandler = (deps: Ending<Dependencies>) =>
  backgroundHandler({ name: "execution-closed", schema, work: (event) => closeExecution(deps, event) }, deps);
