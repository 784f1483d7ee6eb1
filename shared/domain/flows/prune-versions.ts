import { machineName } from "../../model/machines/machine-names.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal, RUN_STATUSES } from "../../model/transitions.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import { sourcesFor } from "../../store/runs/run-index.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { type FlowDependencies, logFields, type PruneDependencies } from "../deps.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";

/** The number of versions from which on publishing prunes old ones and warns. Step Functions keeps 1,000 versions of a state machine. */
const MANY_VERSIONS = 900;
/** The number of versions after pruning; low enough that not every publication prunes. */
const AFTER_PRUNING = 800;
/** The number of newest versions that are never pruned, because a slow dispatcher may still start runs on a recently active version. */
const NEWEST = 100;
/** The time for which a version that was chosen by its number is not pruned. By its end, the version is active or its run can be found. */
const CHOSEN_MS = 3_600_000;
/** Maximum number of open runs to examine. If there are more, nothing is pruned. */
const MAX_RUNS = 10_000;
const BATCH = 100;
const CONCURRENCY = 5;
const RECENT_CHANGES = 200;

const NON_TERMINAL = RUN_STATUSES.filter((status) => !isTerminal(status));

/**
 * Makes room for another version of the flow's state machine. A version's item is marked as pruned before its state machine version is
 * deleted. If the process dies between the two, the next publication deletes it; choosing the version restores it. Definitions and items
 * stay. Returns a warning if the flow has many versions.
 */
export const pruneVersions = async (
  deps: FlowDependencies & PruneDependencies,
  flow: FlowItem,
  next: number,
): Promise<string[]> => {
  if (next < MANY_VERSIONS) return [];
  const all = await deps.versions.list(flow, next);
  const retained = all.filter(({ machineVersionArn, prunedAt }) => machineVersionArn && !prunedAt);
  const total = retained.length + 1;
  const unfinished = all.filter(
    ({ prunedAt, machineGone }) => prunedAt !== undefined && machineGone !== true,
  );
  await forEachConcurrent(unfinished, { concurrency: CONCURRENCY }, (version) => drop(deps, flow, version));
  if (total < MANY_VERSIONS) return [];
  const needed = await versionsInUse(deps, flow, retained);
  const oldest = retained.toReversed().slice(0, -NEWEST);
  const spare = needed === undefined ? [] : oldest.filter(({ version }) => !needed.has(version));
  let pruned = 0;
  await forEachConcurrent(
    spare.slice(0, total - AFTER_PRUNING),
    { concurrency: CONCURRENCY },
    async (version) => {
      if (!(await deps.versions.prune(flow, version, iso(deps.clock.now())))) return;
      pruned += 1;
      await drop(deps, flow, version);
    },
  );
  deps.log.info("Pruned old versions of the flow", { ...logFields(flow), versions: total, pruned });
  return [warning(total, pruned)];
};

const drop = async (deps: FlowDependencies, flow: FlowIdentity, version: VersionItem): Promise<void> => {
  if (version.machineVersionArn !== undefined) await deps.machines.deleteVersion(version.machineVersionArn);
  await deps.versions.forgetMachine(flow, version);
};

const warning = (total: number, pruned: number): string => {
  const many = `The flow has ${total} versions, and Step Functions keeps 1,000 of a state machine.`;
  return pruned === 0
    ? `${many} None could be removed, because open runs need them, or because there are too many runs to examine. Cancel or delete old runs.`
    : `${many} The ${pruned} oldest that no run needs were removed from the state machine. They are restored when they are activated or replayed.`;
};

/** Returns the versions on which runs may still start or continue; undefined if there are too many open runs to tell. */
const versionsInUse = async (
  deps: FlowDependencies & PruneDependencies,
  { workspace, flowId, incarnation }: FlowItem,
  retained: readonly VersionItem[],
): Promise<ReadonlySet<number> | undefined> => {
  const sources = sourcesFor(workspace, { status: NON_TERMINAL });
  const runs = await deps.runIndex.ofFlow(sources, flowId, MAX_RUNS + 1);
  if (runs.length > MAX_RUNS) return undefined;
  const needed = new Set<number>();
  for (let at = 0; at < runs.length; at += BATCH)
    for (const run of await deps.runIndex.read(workspace, runs.slice(at, at + BATCH)))
      if (run.incarnation === incarnation) needed.add(run.version);
  const now = deps.clock.now();
  const chosen = iso(now - CHOSEN_MS);
  for (const { version, keptAt } of retained)
    if (keptAt !== undefined && keptAt > chosen) needed.add(version);
  // The flow is read last, because an activation first marks its version as chosen.
  const flow = await deps.flows.read(workspace, flowId);
  if (flow === undefined) return undefined;
  needed.add(flow.version);
  for (const { at, from } of await deps.flows.audit(flow, RECENT_CHANGES)) {
    const left = /^version (\d+)$/.exec(from ?? "")?.[1];
    if (left !== undefined && at > iso(now - LATE_WRITER_MS)) needed.add(Number(left));
  }
  return needed;
};

/**
 * Ensures that runs can start on a version that was chosen by its number, and that it is not pruned at the same time. The mark comes first:
 * pruning and choosing write the same item, so one of them sees the other.
 */
export const keepVersion = async (
  deps: FlowDependencies,
  flow: FlowIdentity,
  record: VersionItem,
): Promise<void> => {
  if (await deps.versions.keep(flow, record.version, iso(deps.clock.now()))) return;
  const compiled = await deps.versions.text(flow, record.version, "compiled");
  if (compiled === undefined) return;
  const name = machineName(flow.workspace, flow.incarnation);
  const arn = await deps.machines.publish(name, JSON.stringify(compiled));
  await deps.versions.restore(flow, record.version, arn, iso(deps.clock.now()));
};
