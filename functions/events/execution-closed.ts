import * as z from "zod";
import { closeRun } from "../../shared/domain/runs/close-run.ts";
import { isLeft, isOfEarlierRun } from "../../shared/domain/runs/start-run.ts";
import { settleOrLeave } from "../../shared/domain/steps/settle-steps.ts";
import {
  executionArn,
  parseExecutionName,
  parseMachineName,
} from "../../shared/model/machines/machine-names.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
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

const closeExecution = async (deps: Dependencies, { detail }: z.infer<typeof schema>): Promise<void> => {
  const name = parseExecutionName(detail.name);
  const machine = parseMachineName(detail.stateMachineArn.split(":").at(6) ?? "", deps.machinePlace.instance);
  if (name === undefined || machine === undefined) return; // not one of Sluice's
  const run = await deps.runs.get(machine.workspace, name.runId);
  if (run === undefined || run.deleted === true || isOfEarlierRun(run, detail.startDate)) return;
  const own = { ...run, attempt: name.attempt };
  if (executionArn(deps.machinePlace, own) !== detail.executionArn) return;
  if (name.attempt !== run.attempt) {
    if (isLeft(run, name.attempt)) await settleOrLeave(deps, run, { attempt: name.attempt });
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

/** Creates the handler for executions that ended for any reason. Delivery is best effort; the sweeper finds what it misses. */
export const createExecutionClosedHandler = (deps: Dependencies) =>
  backgroundHandler({ name: "execution-closed", schema, work: (event) => closeExecution(deps, event) }, deps);
