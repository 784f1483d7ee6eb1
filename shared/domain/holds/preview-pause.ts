import { statesWithoutGate } from "../../asl/gates/gated-states.ts";
import type { Machine } from "../../asl/parse/machine.ts";
import type { PausePreview } from "../../model/api/responses.ts";
import type { RunStatus } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { sourcesFor } from "../../store/runs/run-index.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { FlowDeletionDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { arrivalsPerMs } from "../flows/health/arrivals.ts";
import { heldSteps } from "../flows/held-steps/held-steps.ts";
import { readMachines } from "../flows/held-steps/open-versions.ts";
import { endOf, type PauseFlow } from "./pause-flow.ts";
import { plannedTimes } from "./plan-pause.ts";

type PreviewDependencies = Pick<
  FlowDeletionDependencies,
  "clock" | "counters" | "flows" | "meters" | "runIndex" | "steps" | "versions"
>;
type AskedPause = FlowRequest &
  Pick<PauseFlow, "mode" | "resumeAt"> & {
    readonly startAt?: string | undefined;
    /** The only states to hold. */
    readonly steps?: readonly string[] | undefined;
  };

/** Statuses of runs that a pause stops or lets go on. */
const UNDER_WAY = ["pending", "running", "waiting"] as const satisfies readonly RunStatus[];
/** Maximum number of runs counted in each status, and the time for reading them. */
const COUNTED = 10_000;
const READ_MS = 15_000;
const BATCH = 100;

/** Returns what a pause would hold, and writes nothing. The runs are found by an index, which may lag. Throws `not_found`, `invalid_request`. */
export const previewPause = async (deps: PreviewDependencies, asked: AskedPause): Promise<PausePreview> => {
  const now = deps.clock.now();
  const { start, end } = timesOf(asked, now);
  const flow = await readRequestedFlow(deps.flows, asked);
  const { runs, more } = await runsUnderWay(deps, flow, now + READ_MS);
  const { steps } = asked;
  const machines = await machinesOf(deps, flow, runs);
  const unheld =
    steps === undefined ? statesNotHeld(machines) : (await heldSteps(deps, flow, machines, steps)).unheld;
  const waiting = runs.filter(({ status }) => status === "waiting");
  return {
    underWay: runs.length,
    inStep: byState(runs),
    waiting: waiting.length,
    deadlinesMissed: waiting.filter((run) => missesDeadline(run, end)).length,
    queuedByResume:
      (await deps.counters.queued(flow)) +
      (steps === undefined ? await arrivals(deps, flow, asked.mode, end - start) : 0),
    unheld: [...(unheld ?? [])],
    ...(more ? { more } : {}),
  };
};

const timesOf = (asked: AskedPause, now: number): { start: number; end: number } => {
  const { startAt } = asked;
  if (startAt === undefined) return { start: now, end: Date.parse(endOf(asked.resumeAt, now)) };
  const planned = plannedTimes({ ...asked, startAt }, now);
  return { start: Date.parse(planned.startAt), end: Date.parse(planned.resumeAt) };
};

const runsUnderWay = async (
  { clock, runIndex }: PreviewDependencies,
  flow: FlowItem,
  until: number,
): Promise<{ runs: RunItem[]; more: boolean }> => {
  const { workspace, flowId, incarnation } = flow;
  const found = await Promise.all(
    UNDER_WAY.map((status) => runIndex.ofFlow(sourcesFor(workspace, { status: [status] }), flowId, COUNTED)),
  );
  // A run whose status changes in the meantime may be found twice.
  const ids = [...new Set(found.flat())];
  const runs: RunItem[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    if (at > 0 && clock.now() >= until) return { runs, more: true };
    runs.push(...(await runIndex.read(workspace, ids.slice(at, at + BATCH))));
  }
  const isUnderWay = ({ status, queuedAt, ...run }: RunItem): boolean =>
    run.incarnation === incarnation &&
    UNDER_WAY.some((one) => one === status) &&
    !(status === "pending" && queuedAt !== undefined);
  return { runs: runs.filter(isUnderWay), more: found.some(({ length }) => length >= COUNTED) };
};

const byState = (runs: readonly RunItem[]): PausePreview["inStep"] => {
  const counts = new Map<string, number>();
  for (const { status, currentStep } of runs)
    if (status === "running" && currentStep !== undefined)
      counts.set(currentStep.name, (counts.get(currentStep.name) ?? 0) + 1);
  return [...counts].map(([state, count]) => ({ state, runs: count })).sort((a, b) => b.runs - a.runs);
};

/** Whether the run is still waiting at its deadline, and the pause has not ended by then. */
const missesDeadline = ({ deadline, waitingOn }: RunItem, end: number): boolean =>
  deadline !== undefined &&
  Date.parse(deadline) < end &&
  (waitingOn?.until === undefined || deadline <= waitingOn.until);

/** Returns how many records will arrive in this time. */
const arrivals = async (
  deps: PreviewDependencies,
  flow: FlowItem,
  mode: PauseFlow["mode"],
  duration: number,
): Promise<number> => (mode === "reject" ? 0 : Math.round((await arrivalsPerMs(deps, flow)) * duration));

const machinesOf = (
  { versions }: PreviewDependencies,
  flow: FlowItem,
  runs: readonly RunItem[],
): Promise<ReadonlyMap<number, Machine>> => {
  const used = new Set([...(flow.version > 0 ? [flow.version] : []), ...runs.map(({ version }) => version)]);
  return readMachines(versions, flow, used);
};

const statesNotHeld = (machines: ReadonlyMap<number, Machine>): string[] =>
  [...new Set([...machines.values()].flatMap(statesWithoutGate))].sort();
