import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { Json } from "../../model/json/json.ts";
import { executionArn } from "../../model/machines/machine-names.ts";
import type { AuditItem, Run } from "../../model/schemas/run.ts";
import type { OutputItem } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { existingRun } from "../refusals.ts";
import { readableError, type StoredError, wholeCause } from "../steps/failure.ts";
import { settleParked } from "../steps/settle-steps.ts";
import { runView } from "./run-view.ts";
import { standsOnError } from "./status-change.ts";

/** Reads one run with its payload and, if it has ended, its output or its full error. Throws `not_found`. */
export const readRun = async (
  deps: RunDependencies,
  workspace: string,
  runId: string,
): Promise<{ record: RunItem; run: Run }> => {
  const read = existingRun(await deps.runs.get(workspace, runId));
  const [record, payload, end] = await Promise.all([
    settleParked(deps, read),
    deps.runs.payload(read.workspace, read.runId),
    endOf(deps, read),
  ]);
  const view = runView(record, deps.machinePlace);
  return { record, run: { ...withPayload(view, payload), ...end } };
};

/** Returns a run that has ended, as `readRun` does. */
export const readEnded = async (deps: RunDependencies, record: RunItem): Promise<Run> => {
  const { workspace, runId } = record;
  const [payload, end] = await Promise.all([deps.runs.payload(workspace, runId), endOf(deps, record)]);
  return { ...withPayload(runView(record, deps.machinePlace), payload), ...end };
};

/** Adds the payload, parsed from its stored text. */
export const withPayload = (run: Run, payload: string | undefined): Run =>
  payload === undefined ? run : { ...run, payload: json(payload) };

/** Returns every status change of a run, in order of revision. */
export const readAudit = async (
  deps: RunDependencies,
  workspace: string,
  runId: string,
): Promise<AuditItem[]> => {
  const record = existingRun(await deps.runs.get(workspace, runId));
  const entries = await deps.runs.audit(record);
  return entries.map(({ op: _op, ...entry }) => entry);
};

const endOf = async (
  deps: RunDependencies,
  record: RunItem,
): Promise<Partial<Pick<Run, "output" | "error" | "pausedBy">>> => {
  if (record.status === "completed") {
    const output = await outputText(deps, record);
    return output === undefined ? {} : { output: json(output) };
  }
  if (record.status === "failed" && record.error !== undefined) {
    const whole = await deps.runs.output(record.workspace, record.runId);
    const { error, state } = record.error;
    return { error: { error, state, ...wholeError(record.error, whole) } };
  }
  if (standsOnError(record) && record.pausedBy !== undefined) {
    const { cause = "", ...pausedBy } = record.pausedBy;
    const whole = await deps.runs.output(record.workspace, record.runId);
    return { pausedBy: { ...pausedBy, ...wholeError({ ...pausedBy, cause }, whole) } };
  }
  return {};
};

/** The cause as a whole, with its stack trace. */
const wholeError = (error: StoredError, stored: OutputItem | undefined) => {
  const cause = wholeCause(error, stored);
  const known = cause === error.cause ? error : {};
  return readableError({ ...known, cause }, { frames: true });
};

/**
 * Returns the run's output as JSON text. An output that was too long for the gate is read from the execution and then stored.
 */
const outputText = async (deps: RunDependencies, record: RunItem): Promise<string | undefined> => {
  const kept = await deps.runs.output(record.workspace, record.runId);
  if (kept?.output !== undefined) return kept.output;
  const state = await deps.executions.describe(executionArn(deps.machinePlace, record));
  if (state?.status !== "SUCCEEDED" || state.output === undefined) return undefined;
  await deps.runs.completeOutput(record.workspace, record.runId, state.output);
  return state.output;
};

const json = (text: string): Json => JSON.parse(text) as Json;

/** Returns a page of audit entries, newest first. `entries` are in order of revision. */
export const pageOfAudit = (
  entries: readonly AuditItem[],
  list: readonly unknown[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { items: AuditItem[]; nextCursor?: string } => {
  const position = readCursor(list, cursor);
  const before = position === undefined ? Number.POSITIVE_INFINITY : Number(position);
  const left = entries.filter((entry) => entry.rev < before).reverse();
  const items = left.slice(0, limit);
  const last = items.at(-1);
  if (left.length <= limit || last === undefined) return { items };
  return { items, nextCursor: writeCursor(list, String(last.rev)) };
};
