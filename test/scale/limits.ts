import { ASSUMED } from "../bench/prices.ts";
import { hottest, type Mix, usualEntry } from "./heat.ts";
import { QUOTAS } from "./quotas.ts";
import { type SlotEntry, unitsOfRun } from "./run-life.ts";

/** A limit: the rate of runs that reaches it, and what each run consumes of it. */
export interface Limit {
  readonly name: string;
  readonly quota: number;
  /** Share of the quota per run of the mix. */
  readonly perRun: number;
  /** Runs per second that reach it. */
  readonly rate: number;
}

const limit = (name: string, quota: number, perRun: number): Limit => ({
  name,
  quota,
  perRun,
  rate: quota / perRun,
});

const OWNER = { workspace: "w", flowId: "f", incarnation: "i", user: "ann" };
/** The dispatch, the first gate and the end. */
export const EVENTS_A_RUN = 3;

/** Total units of one run, by kind. */
export const unitsInAll = (
  steps: number,
  entry?: SlotEntry,
): { readonly read: number; readonly write: number } => {
  const units = unitsOfRun(OWNER, steps, 0, entry);
  const count = (kind: "read" | "write") => units.filter((unit) => unit.kind === kind).length;
  return { read: count("read"), write: count("write") };
};

/** Transitions of a run: a gate and a step each, and the end. */
export const transitionsOf = (steps: number): number => 2 * steps + 1;

/** Concurrent seconds of Lambda for each run per second: the users' steps, gates, dispatch, end, events. */
const lambdaSeconds = (mix: Mix): number => {
  const { steps, stepSeconds } = mix;
  const gate = (ASSUMED.ownMs + 3 * ASSUMED.tableCallMs) / 1_000;
  const others =
    (5 * ASSUMED.tableCallMs + ASSUMED.statesCallMs + 3 * ASSUMED.ownMs + 3 * ASSUMED.tableCallMs) / 1_000;
  const units = (entry?: SlotEntry) => unitsOfRun(OWNER, steps, 0, entry).length;
  const slots = ((units(usualEntry(mix)) - units()) * ASSUMED.tableCallMs) / 1_000;
  return steps * stepSeconds + (steps + 1) * gate + others + slots;
};

/** All limits, in the order in which they are reached. */
export const limitsOf = (mix: Mix): readonly Limit[] => {
  const { steps, stepSeconds } = mix;
  const { read, write } = unitsInAll(steps, usualEntry(mix));
  const ofPartitions = hottest(mix).map(({ of, kind, key, perRun }) =>
    limit(
      `${kind}s of the hottest partition of ${of === "table" ? "the table" : `the index ${of}`}, ${partOf(key)}`,
      kind === "write" ? QUOTAS.partitionWrites : QUOTAS.partitionReads,
      perRun,
    ),
  );
  return [
    limit("StartExecution", QUOTAS.startExecution, 1),
    limit("state transitions", QUOTAS.stateTransitions, transitionsOf(steps)),
    limit("GetExecutionHistory", QUOTAS.getExecutionHistory, mix.historiesRead),
    limit("open executions", QUOTAS.openExecutions, steps * stepSeconds),
    limit("Lambda concurrency", QUOTAS.lambdaConcurrency, lambdaSeconds(mix)),
    limit("events put on the bus", QUOTAS.putEvents, EVENTS_A_RUN),
    limit("requests to the API", QUOTAS.apiRequests, 1),
    limit("write units of the table", QUOTAS.tableUnits, write),
    limit("read units of the table", QUOTAS.tableUnits, read),
    ...ofPartitions,
  ].sort((a, b) => a.rate - b.rate);
};

/** The kind of a key, without the names and numbers in it. */
const partOf = (key: string): string => {
  if (key.includes("#H#")) return "a flow's holds";
  if (key.includes("#M#")) return "a flow's meter";
  if (key.includes("#K#")) return "the slots of a flow's keys";
  if (key.includes("#W#")) return "the queues of a flow's keys";
  if (key.startsWith("DUE#")) return "what is due";
  if (key.includes("#END#")) return "what has ended";
  const [, status] = /#S#(\w+)#/.exec(key) ?? [];
  if (status !== undefined) return `\`${status}\` runs of a workspace`;
  if (key.includes("#F#")) return "a flow";
  return "a workspace";
};

const figure = (value: number): string =>
  value >= 100 ? String(Math.round(value / 10) * 10) : String(Number(value.toPrecision(2)));

/** The limits as a Markdown table. */
export const limitTable = (limits: readonly Limit[]): string =>
  [
    "| limit | default | a run takes | met at runs a second |",
    "|---|---|---|---|",
    ...limits.map(
      ({ name, quota, perRun, rate }) =>
        `| ${name} | ${quota.toLocaleString("en-US")} | ${figure(perRun)} | ${Number.isFinite(rate) ? figure(rate) : "never"} |`,
    ),
  ].join("\n");
