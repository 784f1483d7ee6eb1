import type { StepLogs } from "../../../model/schemas/run.ts";
import { iso } from "../../../model/time/clock.ts";
import type { FunctionLogs, HistoryEvent, InvocationLog } from "../../../outbound/ports.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import type { RunDependencies } from "../../deps.ts";
import { existingRun, stepNotFound } from "../../refusals.ts";
import { readableError } from "../failure.ts";
import { readVisits } from "../history.ts";
import { matchVisits } from "../history-ends.ts";
import type { StepAddress } from "../read-steps.ts";
import { attemptOf, executionOf } from "../step-history.ts";
import { callsOf, fieldsIn, type HistoryCall, requestIdOf } from "./calls.ts";

export interface LogDependencies extends RunDependencies {
  readonly functionLogs: FunctionLogs;
}

/** Attempts whose output is read: the newest. CloudWatch Logs answers about five requests a second. */
const MAX_READ = 5;
const NO_OUTPUT: InvocationLog = { lines: [], isCut: false };
const TOO_OLD: InvocationLog = {
  ...NO_OUTPUT,
  note: `Only the output of the ${MAX_READ} newest attempts is read.`,
};

/**
 * Returns the attempts of a step and what each printed. Both are read when somebody asks: Sluice stores no output of functions, and the
 * step's own input and output are not part of the answer. Throws `not_found`.
 */
export const readStepLogs = async (
  deps: LogDependencies,
  { workspace, runId, stepId }: StepAddress,
): Promise<StepLogs> => {
  const run = existingRun(await deps.runs.get(workspace, runId));
  const steps = await deps.steps.all(workspace, runId);
  const step = steps.find((one) => one.stepId === stepId);
  if (step === undefined) throw stepNotFound();
  if (step.type !== "Task") return { attempts: [] };
  const attempt = attemptOf(run, step);
  const executionArn = executionOf(deps, run, attempt);
  const events: HistoryEvent[] = [];
  for await (const event of deps.executions.history(executionArn)) events.push(event);
  const visits = await readVisits(inOrder(events));
  const ofAttempt = steps.filter((one) => attemptOf(run, one) === attempt);
  const visit = matchVisits(ofAttempt, visits).get(stepId);
  const calls = visit === undefined ? [] : callsOf(events, visits, visit);
  const attempts = calls.map(async (call, index) => {
    const isOld = index < calls.length - MAX_READ;
    return attemptView(call, index + 1, isOld ? TOO_OLD : await logOf(deps, run, executionArn, call));
  });
  return { attempts: await Promise.all(attempts) };
};

async function* inOrder<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const logOf = async (
  { functionLogs }: LogDependencies,
  { workspace }: RunItem,
  executionArn: string,
  call: HistoryCall,
): Promise<InvocationLog> => {
  const { functionName, startedId, from, to, failed } = call;
  if (functionName === undefined) return NO_OUTPUT;
  const requestId = requestIdOf(call);
  const { errorMessage } = fieldsIn(failed?.cause);
  return functionLogs.read({
    ...{ workspace, functionName: nameIn(functionName), executionArn, startedId, from },
    ...(to === undefined ? {} : { to }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(typeof errorMessage === "string" ? { errorMessage } : {}),
  });
};

/** The name in a function's name, partial ARN or ARN, without version or alias. */
const nameIn = (reference: string): string =>
  /(?:^|:)function:([^:]+)/.exec(reference)?.[1] ?? /^(?:\d{12}:)?([^:]+)/.exec(reference)?.[1] ?? reference;

const attemptView = (
  { from, to, functionName, failed }: HistoryCall,
  attempt: number,
  { requestId, lines, isCut, note }: InvocationLog,
): StepLogs["attempts"][number] => ({
  attempt,
  ...(functionName === undefined ? {} : { function: nameIn(functionName) }),
  ...(requestId === undefined ? {} : { requestId }),
  startedAt: iso(from),
  ...(to === undefined ? {} : { endedAt: iso(to) }),
  ...(failed === undefined
    ? {}
    : { error: { error: failed.error, ...readableError(failed, { frames: true }) } }),
  lines: lines.map(({ at, text }) => ({ at: iso(at), text })),
  isCut,
  ...(note === undefined ? {} : { note }),
});
