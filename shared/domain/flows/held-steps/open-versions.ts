import { machineOf } from "../../../asl/parse/graph.ts";
import type { Machine } from "../../../asl/parse/machine.ts";
import { isTerminal, RUN_STATUSES } from "../../../model/transitions.ts";
import type { FlowIdentity, FlowItem } from "../../../store/flows/flow-item.ts";
import type { VersionStore } from "../../../store/flows/versions.ts";
import { type RunIndex, sourcesFor } from "../../../store/runs/run-index.ts";
import type { StepStore } from "../../../store/runs/steps.ts";

const NON_TERMINAL = RUN_STATUSES.filter((status) => !isTerminal(status));
/** Maximum number of open runs to read. If there are more, the newest versions count as well. */
const MAX_RUNS = 1_000;
const BATCH = 100;
const NEWEST = 20;

export interface VersionDependencies {
  readonly runIndex: RunIndex;
  readonly versions: VersionStore;
  readonly steps: StepStore;
}

/** Returns the machines of the active version and of those with open runs, by version. The runs are found by an index, which may lag. */
export const openVersions = async (
  { runIndex, versions }: Pick<VersionDependencies, "runIndex" | "versions">,
  flow: FlowItem,
): Promise<ReadonlyMap<number, Machine>> => {
  const { workspace, flowId, incarnation } = flow;
  const open = new Set(flow.version > 0 ? [flow.version] : []);
  const runs = await runIndex.ofFlow(sourcesFor(workspace, { status: NON_TERMINAL }), flowId, MAX_RUNS);
  for (let at = 0; at < runs.length; at += BATCH)
    for (const run of await runIndex.read(workspace, runs.slice(at, at + BATCH)))
      if (run.incarnation === incarnation) open.add(run.version);
  if (runs.length >= MAX_RUNS)
    for (const { version, machineVersionArn } of await versions.list(flow, NEWEST))
      if (machineVersionArn !== undefined) open.add(version);
  return readMachines(versions, flow, open);
};

/** Returns the machines of these versions, without those that have none. */
export const readMachines = async (
  versions: VersionStore,
  flow: FlowIdentity,
  used: Iterable<number>,
): Promise<ReadonlyMap<number, Machine>> => {
  const read = [...used].map(async (version) => {
    const machine = machineOf(await versions.text(flow, version, "user"));
    return machine === undefined ? [] : [[version, machine] as const];
  });
  return new Map((await Promise.all(read)).flat());
};
