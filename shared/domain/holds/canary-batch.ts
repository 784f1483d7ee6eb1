import type { Canary } from "../../model/holds/canary.ts";
import { type DrainState, lastBatch } from "../../model/machines/loop-machine.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type DrainDependencies, logFields, orWarn } from "../deps.ts";
import { changeFlow, flowEntry } from "../flows/change-flow.ts";
import { newIntent } from "../runs/intents.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { isQueued, takeForCanary } from "../runs/queued-run.ts";
import { standsOnError } from "../runs/status-change.ts";
import { wakeRun } from "../runs/wake-run.ts";
import { someWaitForSlots } from "../slots/pass-on-slot.ts";
import { withoutNextPause } from "./begin-pause.ts";
import { CANARY_TOO_LATE, failCanary, SYSTEM_CANARY } from "./canary.ts";
import { nextCandidates } from "./canary-candidates.ts";
import { runningCanary } from "./canary-state.ts";
import { afterLift, withoutHolds } from "./lift-hold.ts";
import { continueDrain, type Draining } from "./start-drain.ts";

/** The runs of a canary are looked at every second at first, then less often. */
const OFTEN_MS = 60_000;
const PACE_MS = { first: 1_000, later: 5_000 };

/** The place of a run in its canary. */
type Place = "through" | "failed" | "replaced" | "held" | "under way";

/**
 * Runs one batch of a canary: (1) looks at its runs; (2) chooses others for those that somebody has cancelled, deleted or paused; (3)
 * stores its runs, and only then (4) lets through those that are still held. All through: lifts the holds. If the process dies, the next
 * batch, in a next execution if need be, finds its runs in the flow and does the rest. Under a concurrency limit, it waits for the slots that its runs need.
 */
export const canaryBatch = async (
  deps: DrainDependencies,
  flow: Draining,
  canary: Canary,
  state: DrainState,
): Promise<DrainState> => {
  const now = deps.clock.now();
  const read = await Promise.all(canary.runs.map((runId) => deps.runs.get(flow.workspace, runId)));
  const runs = read.flatMap((run) => {
    const place = placeOf(run);
    return run === undefined || place === "replaced" ? [] : [{ run, place }];
  });
  const failed = runs.find(({ place }) => place === "failed");
  const isLate = now >= Date.parse(canary.until);
  if (failed !== undefined || isLate) {
    const reason = failed === undefined ? CANARY_TOO_LATE : `The run ${failed.run.runId} failed`;
    await failCanary(deps, flow, canary.id, { reason });
    deps.log.info("The canary failed", logFields(flow));
    return lastBatch(state);
  }
  const known = runs.map(({ run }) => run.runId);
  const isThrough = runs.every(({ place }) => place === "through");
  const missing = canary.count - runs.length;
  const chosen = missing > 0 ? await nextCandidates(deps, flow, known, missing) : [];
  if (isThrough && chosen.length === 0 && !(await awaitsSlots(deps, flow, missing))) {
    await passCanary(deps, flow, canary.id, known);
    deps.log.info("The canary passed", { ...logFields(flow), runs: runs.length });
    return lastBatch(state);
  }
  const noted = await note(deps, flow, canary, {
    runs: [...known, ...chosen.map(({ runId }) => runId)],
    through: runs.filter(({ place }) => place === "through").length,
  });
  if (noted !== undefined) {
    const held = [...runs.filter(({ place }) => place === "held").map(({ run }) => run), ...chosen];
    for (const run of held) await letThrough(deps, noted, canary, run);
  }
  const pace = now - Date.parse(canary.since) < OFTEN_MS ? PACE_MS.first : PACE_MS.later;
  return continueDrain(deps, noted ?? flow, state, now + pace);
};

/** Whether the canary has too few runs because others wait for slots. An end will give them one. */
const awaitsSlots = async (deps: DrainDependencies, flow: Draining, missing: number): Promise<boolean> =>
  missing > 0 && flow.caps.concurrency != null && (await someWaitForSlots(deps, flow));

/** Returns the flow with the runs of its canary; undefined if another batch has chosen others in the meantime. */
const note = async (
  deps: DrainDependencies,
  flow: Draining,
  canary: Canary,
  { runs, through }: Pick<Canary, "runs" | "through">,
): Promise<Draining | undefined> => {
  if (runs.join() === canary.runs.join() && through === canary.through) return flow;
  return deps.flows.noteCanary(flow, { ...canary, runs, through, round: canary.round + 1 });
};

const placeOf = (run: RunItem | undefined): Place => {
  if (run === undefined || run.deleted === true || run.status === "cancelled") return "replaced";
  if (run.status === "failed" || standsOnError(run)) return "failed";
  if (run.status === "completed" || run.status === "waiting") return "through";
  if (run.status === "paused") return run.pausedBy?.kind === "user" ? "replaced" : "held";
  return isQueued(run) ? "held" : "under way";
};

/** Takes the run along with the canary, and wakes or starts it. What fails is done by the next batch, or by the sweeper. */
const letThrough = (deps: DrainDependencies, flow: Draining, { id }: Canary, run: RunItem): Promise<void> =>
  orWarn(deps, run, "A run of a canary could not be let through; the next batch will do it", async () => {
    if (isQueued(run)) return takeForCanary(deps, run, flow, id);
    if (run.canary === id) return void (await wakeRun(deps, run));
    const intent = newIntent(["wake"], run.intent, deps.clock.now(), deps.ids);
    const joined = await deps.runs.joinCanary(run, id, intent);
    if (joined.ok) await performIntentOrLeave(deps, joined.run);
  }).then(() => undefined);

/**
 * Lifts the holds of a canary after all of `runs` have gone through, in one write. A planned pause that was due when the canary began goes
 * with them, as with any resume. Does nothing if the canary is over, or somebody else has lifted one of its holds.
 */
const passCanary = async (
  deps: DrainDependencies,
  asked: FlowIdentity,
  id: string,
  runs: readonly string[],
): Promise<void> => {
  const { was, next } = await changeFlow(deps, asked, (flow, now) => {
    const canary = runningCanary(flow);
    if (canary?.id !== id) return undefined;
    const at = iso(now);
    const passed: FlowItem = {
      ...withoutHolds(flow, canary.holds, now, canary),
      ...{
        canary: { ...canary, state: "passed", runs, through: runs.length },
        rev: flow.rev + 1,
        updatedAt: at,
      },
    };
    const entry = flowEntry(flow, passed, { at, actor: SYSTEM_CANARY, action: "canary-passed" });
    const more = withoutNextPause(passed, canary.since, { at, actor: canary.by });
    return { next: more?.next ?? passed, entries: [entry, ...(more?.entries ?? [])] };
  });
  await afterLift(deps, was, next);
};
