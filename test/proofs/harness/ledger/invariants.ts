import {
  executionName,
  machineName,
  moveOf,
  parseExecutionName,
} from "../../../../shared/model/machines/machine-names.ts";
import { isTerminal, nextStatus } from "../../../../shared/model/transitions.ts";
import { mergeAudit } from "../../../../shared/store/runs/audit.ts";
import type { AuditEntry, RunItem } from "../../../../shared/store/runs/run-item.ts";
import { isOpenIntent, isPark, isQueued } from "../../../harness/ledger/stored-items.ts";
import type { Item, Ledger } from "./ledger.ts";

/**
 * Violations of what holds whenever no work is in progress, even while runs are paused and flows held: each status follows from the audit,
 * executions and runs match, each timed hold has the schedule that ends it, and each failure is counted in its group, once.
 * @param now the stack's time, epoch milliseconds
 */
export const violations = (ledger: Ledger, now: number): string[] => [
  ...ledger.runs.flatMap((run) => auditViolations(run, ledger.items)),
  ...executionViolations(ledger),
  ...holdsWithoutSchedule(ledger, now),
  ...triggersWithoutSchedule(ledger),
  ...ledger.items.filter(({ SK }) => SK === "RUN").flatMap(failureViolations),
];

/** A run is in the index of failures, by which they are counted, exactly while it is failed or paused by an error. */
const failureViolations = (item: Item): string[] => {
  const { PK, status, deleted, pausedBy, failure, failureKey, failureAt } = item as Item & FailureAttributes;
  const counts =
    deleted !== true && (status === "failed" || (status === "paused" && pausedBy?.kind === "error"));
  const place = failure === undefined ? "none" : `${failure.id}#${failure.at}#${String(PK).split("#")[3]}`;
  const indexed = failureKey === undefined ? undefined : failureAt;
  return indexed === (counts ? place : undefined)
    ? []
    : [`${PK}: ${status}, with the failure ${place}, is counted as ${indexed}`];
};
interface FailureAttributes {
  readonly pausedBy?: { readonly kind: string };
  readonly failure?: { readonly id: string; readonly at: string };
}

const auditViolations = (run: RunItem, items: readonly Item[]): string[] => {
  const wrong: string[] = [];
  const entries = auditOf(run, items);
  for (const [index, { rev, from, action, to }] of entries.entries()) {
    if (rev !== index + 1 || (index > 0 && from !== entries[index - 1]?.to)) {
      wrong.push(`${run.runId}: its audit has a gap at rev ${rev}`);
      break;
    }
    const isTransition = action !== "dispatch" && action !== "delete" && from !== undefined;
    if (isTransition && nextStatus(from, action) !== to)
      wrong.push(`${run.runId}: ${action} changed it from ${from} to ${to}`);
  }
  const last = entries.at(-1);
  if (last?.to !== run.status || last.rev !== run.rev)
    wrong.push(
      `${run.runId}: ${run.status} at rev ${run.rev}, but its audit says ${last?.to} at ${last?.rev}`,
    );
  return wrong;
};

const executionViolations = ({ runs, running }: Ledger): string[] => {
  const open = new Set(running);
  const known = new Set(runs.map(executionOf));
  return [
    ...runs
      .filter((run) => isTerminal(run.status) && open.has(executionOf(run)))
      .map(({ runId, status }) => `${runId}: ${status}, but its execution is still running`),
    ...running
      .filter(
        (name) => parseExecutionName(name.slice(name.indexOf(":") + 1)) !== undefined && !known.has(name),
      )
      .map((name) => `${name}: an execution without a run`),
  ];
};

const executionOf = (run: RunItem): string => {
  const start = run.startState === undefined ? undefined : { version: run.version, state: run.startState };
  const move = moveOf(run);
  const other = move === undefined ? start : { version: move.version };
  const machine = run.machine ?? machineName(run.workspace, run.incarnation, other);
  return `${machine}:${run.execution ?? executionName(run)}`;
};

const auditOf = (run: RunItem, items: readonly Item[]): readonly AuditEntry[] => {
  const partition = `W#${run.workspace}#R#${run.runId}`;
  const archived = items.filter(({ PK, SK }) => PK === partition && String(SK).startsWith("A#"));
  return mergeAudit(archived as unknown as AuditEntry[], run.recentAudit);
};

const holdsWithoutSchedule = ({ items, schedules }: Ledger, now: number): string[] =>
  items
    .filter(({ SK }) => SK === "FLOW")
    .flatMap(({ holds }) => Object.values((holds ?? {}) as Record<string, { id: string; resumeAt: string }>))
    .filter(
      ({ id, resumeAt }) =>
        Date.parse(resumeAt) > now && !schedules.some((name) => name.startsWith(`hold-${id}`)),
    )
    .map(({ id }) => `the hold ${id} has no schedule`);

/** The names of the schedules that triggers use, without those of workspaces that were not read. */
const triggerSchedules = ({ items }: Ledger): readonly string[] =>
  items
    .filter(({ SK }) => String(SK).startsWith("TRIGGER#"))
    .map(({ generation }) => `trigger-${String(generation)}`);

const triggersWithoutSchedule = (ledger: Ledger): string[] =>
  triggerSchedules(ledger)
    .filter((name) => !ledger.schedules.includes(name))
    .map((name) => `a trigger has no schedule: ${name}`);

/** Parked tokens and queued records that nothing holds. Only the sweeper may see any, after a fault. */
export const unheld = ({ items, runs }: Ledger): string[] => {
  const incarnationsWith = (...attributes: readonly string[]) =>
    new Set(
      items
        .filter(
          (item) => item.SK === "HOLD" && attributes.some((name) => Object.keys(item[name] ?? {}).length > 0),
        )
        .map(({ incarnation }) => incarnation),
    );
  const held = incarnationsWith("holds", "finishing");
  const partly = incarnationsWith("holds", "finishing", "partialHolds");
  const byId = new Map(runs.map((run) => [run.runId, run]));
  return items.flatMap((item) => {
    const { PK, SK, runId, token } = item;
    const run = byId.get(String(runId));
    if (token !== undefined && isPark(item)) {
      const holds =
        run?.status === "paused" && (run.pausedBy?.kind === "user" || partly.has(run.incarnation));
      return holds ? [] : [`a token is parked, and nothing holds its run: ${run?.status} ${PK} ${SK}`];
    }
    const queue = /#([a-z2-7]{16})#Q#\d+$/.exec(String(PK));
    return queue === null || held.has(queue[1])
      ? []
      : [`a record is queued, and nothing holds its flow: ${run?.status} ${SK}`];
  });
};

/** Everything that must be gone once all runs were resumed, all queues drained and the sweeper has run. */
export const unfinished = (ledger: Ledger): string[] => {
  const { items, runs, running, schedules } = ledger;
  const used = new Set(triggerSchedules(ledger));
  return [
    ...items
      .filter((item) => isPark(item) || isQueued(item) || isOpenIntent(item))
      .map(({ PK, SK }) => `left over: ${PK} ${SK}`),
    ...items
      .filter(({ SK, queued }) => SK === "COUNT" && Number(queued ?? 0) !== 0)
      .map(({ PK, queued }) => `a counter of queued records is not zero: ${PK} ${queued}`),
    ...items
      .filter(({ SK, drain }) => SK === "FLOW" && drain !== undefined)
      .map(({ PK }) => `a drain is open: ${PK}`),
    ...runs
      .filter(({ status }) => !isTerminal(status))
      .map(({ runId, status }) => `not ended: ${runId} is ${status}`),
    ...running.map((name) => `still running: ${name}`),
    ...items
      .filter(({ SK }) => String(SK).startsWith("SCHEDULES#"))
      .map(({ SK }) => `a note of schedules is left over: ${SK}`),
    ...schedules.filter((name) => !used.has(name)).map((name) => `a schedule is left over: ${name}`),
  ];
};
