import type { Actor } from "../../model/actor.ts";
import {
  type HeldStates,
  type Hold,
  heldNames,
  isAmong,
  type PartialHold,
  standingHolds,
} from "../../model/holds/hold.ts";
import type { HoldKind } from "../../model/holds/kinds.ts";
import { MAX_HOLD_COPY_BYTES } from "../../model/limits.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import { type FlowIdentity, type FlowItem, holdItem } from "../../store/flows/flow-item.ts";
import type { HoldDependencies } from "../deps.ts";
import { flowEntry } from "../flows/change-flow.ts";
import { createSchedules, dropSchedules } from "../flows/hold-schedules.ts";
import { holdsTooMuch } from "../hold-refusals.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { flowChangesTooFast, flowNotFound } from "../refusals.ts";
import { runningCanary, withFailedCanary } from "./canary-state.ts";
import { nextRecount } from "./recount-queue.ts";
import { newDrain } from "./start-drain.ts";

/** The maximum duration of a hold that a person or the throughput cap places. */
export const MAX_HOLD_MS = 14 * 86_400_000;

export interface NewHold {
  readonly kind: HoldKind;
  readonly hold: Hold & { readonly resumeAt: string };
  readonly mode?: FlowItem["mode"];
  /** If absent, it holds the whole flow. */
  readonly steps?: Pick<PartialHold, "states" | "unheld">;
  readonly action: string;
  /**
   * Others may place a hold of the same id at the same time: the schedules may be theirs, and stay. Whoever ends what the hold is for deletes
   * them.
   */
  readonly isShared?: true;
  /** Who places the hold, if not the one whose hold it is. */
  readonly actor?: Actor;
  /** Another change of the flow in the same write. */
  readonly change?: (held: FlowItem, was: FlowItem) => FlowItem;
  /**
   * Checks the flow before each attempt. Returns undefined to continue, or the unchanged flow as the result. Throws refusals.
   */
  readonly check: (flow: FlowItem, first: boolean) => FlowItem | undefined;
}

/**
 * Adds a hold. The schedules that end it and warn of the end are created before the write, so that no hold is ever without an
 * end; a schedule without its hold does nothing. They are deleted only if the write was certainly rejected, and whoever lifts
 * the hold finds both: a warning created after the write could be created after the lift. Runs are neither counted nor read:
 * they encounter the hold at their next gates, so the number of calls does not depend on them.
 */
export const addHold = async (deps: HoldDependencies, asked: FlowItem, added: NewHold): Promise<FlowItem> => {
  const { kind, hold, action, actor = hold.by, change = (flow) => flow } = added;
  const check: NewHold["check"] = (flow, first) => {
    const answer = added.check(flow, first);
    if (answer === undefined && added.steps !== undefined)
      refuseLargeCopy(held(flow, added, Date.parse(hold.since)));
    return answer;
  };
  const standing = check(asked, true);
  if (standing !== undefined) return standing;
  const { workspace, flowId, incarnation } = asked;
  const event = { workspace, flowId, incarnation, kind, holdId: hold.id, tries: 0 };
  await createSchedules(deps, event, Date.parse(hold.resumeAt), added.isShared);
  const recheck = async (): Promise<{ was: FlowItem; answer?: FlowItem | undefined }> => {
    const was = await sameFlow(deps, asked);
    // A hold that is listed anew keeps its schedules.
    const stands =
      added.isShared === true || (was !== undefined && standingHolds(was).some(({ id }) => id === hold.id));
    try {
      if (was === undefined) throw flowNotFound(flowId);
      const answer = check(was, false);
      if (answer !== undefined && !stands) await dropSchedules(deps, asked, hold.id);
      return { was, answer };
    } catch (error) {
      if (!stands) await dropSchedules(deps, asked, hold.id);
      throw error;
    }
  };
  return retryOnConflict(
    deps,
    async (attempt) => {
      const { was, answer } = attempt === 1 ? { was: asked } : await recheck();
      if (answer !== undefined) return answer;
      const now = deps.clock.now();
      const next = change(held(was, added, now), was);
      const steps = heldNames({ ...added.steps }) ?? [];
      const entries = entriesOf(was, next, { at: iso(now), actor, action, reason: hold.reason, steps });
      // A write whose response is lost may have taken effect, so the schedules stay.
      return (await deps.flows.change(was, next, ...entries)) ? next : "conflict";
    },
    flowChangesTooFast,
  );
};

/** The hold's entry, then that of a canary which it ends. */
const entriesOf = (
  was: FlowItem,
  next: FlowItem,
  change: Omit<Parameters<typeof flowEntry>[2], "rev">,
): AuditItem[] => {
  const entry = flowEntry(was, next, { ...change, rev: was.rev + 1 });
  if (next.rev === entry.rev) return [entry];
  const ended = { ...change, action: "canary-failed", reason: next.canary?.reason, steps: [] };
  return [entry, flowEntry(next, next, ended)];
};

/** Every gate reads the copy, and DynamoDB bills a read by its size. */
const refuseLargeCopy = (flow: FlowItem): void => {
  if (Buffer.byteLength(JSON.stringify(holdItem(flow))) > MAX_HOLD_COPY_BYTES) throw holdsTooMuch();
};

/** Reads the flow again; undefined if it is gone. */
const sameFlow = async (deps: HoldDependencies, asked: FlowIdentity): Promise<FlowItem | undefined> => {
  const flow = await deps.flows.read(asked.workspace, asked.flowId);
  return flow?.incarnation === asked.incarnation && flow.deleting !== true ? flow : undefined;
};

/**
 * Returns the flow with the hold. A hold on the whole flow ends a drain with its ramp: its lift starts another one, which finds the
 * rest. Beside a hold on steps, new records start, so a drain that was under way goes on in another execution, with its ramp. Both
 * end a canary, which would not lift them.
 */
const held = (flow: FlowItem, added: NewHold, now: number): FlowItem => {
  const { kind, hold, mode = flow.mode, steps } = added;
  const standing = flow.partialHolds?.[hold.id];
  if (standing !== undefined && steps !== undefined) return listedAnew(flow, standing, steps, now);
  const canary = runningCanary(flow);
  const { drain, ramp, ...before } = flow;
  const epoch = flow.epoch + 1;
  const rev = flow.rev + (canary === undefined ? 1 : 2);
  const ended = canary === undefined ? before : withFailedCanary(before, canary, `Another hold: ${kind}`);
  const next = { ...ended, epoch, rev, updatedAt: hold.since };
  if (steps === undefined) {
    const recount = nextRecount(Date.parse(hold.since));
    return { ...next, holds: { ...flow.holds, [kind]: hold }, mode, recount };
  }
  const partialHolds = { ...flow.partialHolds, [hold.id]: { ...hold, kind, mode, ...steps } };
  if (drain === undefined || canary !== undefined) return { ...next, partialHolds };
  const goesOn = { ...newDrain(epoch, now, drain.rate), since: drain.since };
  return { ...next, partialHolds, drain: goesOn, ...(ramp === undefined ? {} : { ramp }) };
};

/**
 * Returns the flow with other states in a hold that stands. A canary goes on, since the hold is still one of its holds. A drain begins only
 * if a state came free, for a run that may have stopped there.
 */
const listedAnew = (
  flow: FlowItem,
  hold: PartialHold,
  steps: Pick<PartialHold, "states" | "unheld">,
  now: number,
): FlowItem => {
  const { unheld: _before, ...rest } = hold;
  const partialHolds = { ...flow.partialHolds, [hold.id]: { ...rest, ...steps } };
  const next = { ...flow, partialHolds, rev: flow.rev + 1, updatedAt: iso(now) };
  if (runningCanary(flow) !== undefined || keepsAll(hold.states, steps.states)) return next;
  const epoch = flow.epoch + 1;
  const { rate, since = iso(now) } = flow.drain ?? {};
  return { ...next, epoch, drain: { ...newDrain(epoch, now, rate), since } };
};

const keepsAll = (before: readonly HeldStates[], after: readonly HeldStates[]): boolean =>
  before.every(({ names, versions = [undefined] }) =>
    names.every((name) => versions.every((version) => after.some((held) => isAmong(held, version, name)))),
  );

export interface SafetyHold {
  readonly kind: Exclude<HoldKind, "manual">;
  /** If absent, the maximum duration of a hold. */
  readonly resumeAt?: string;
  readonly reason: string;
  /** The action in the audit. If absent, `hold`. */
  readonly action?: string;
  /** Whether the cap is still reached, given the current flow. */
  readonly still?: (flow: FlowItem) => boolean;
}

/**
 * Holds the flow because a cap is reached. An existing hold of this kind stays as it is. Returns undefined if the flow is gone.
 */
export const addSafetyHold = async (
  deps: HoldDependencies,
  asked: FlowIdentity,
  { kind, resumeAt, reason, action = "hold", still }: SafetyHold,
): Promise<FlowItem | undefined> => {
  const flow = await sameFlow(deps, asked);
  if (flow === undefined) return undefined;
  const now = deps.clock.now();
  const hold = {
    id: deps.ids.unique(),
    since: iso(now),
    by: { kind: "cap", id: kind } as const,
    reason,
    resumeAt: resumeAt ?? iso(now + MAX_HOLD_MS),
  };
  return addHold(deps, flow, {
    ...{ kind, hold, action },
    check: (current) =>
      current.holds[kind] !== undefined || still?.(current) === false ? current : undefined,
  });
};

/** The share of a cap from which on it is nearly reached. */
const NEARLY = 0.8;

/** Counts a cap that is nearly reached by this amount, once in its window. `used` includes the amount. */
export const countNearly = (
  { metrics }: Pick<HoldDependencies, "metrics">,
  used: number,
  amount: number,
  limit: number,
): void => {
  const mark = limit * NEARLY;
  if (used >= mark && used - amount < mark) metrics.count("capsNearlyReached");
};

/**
 * Counts a record before it is dispatched and before anything is written, so that no record is uncounted. If the count exceeds
 * the throughput cap, the flow is held. Returns the flow afterwards: the record that exceeded the cap is queued.
 */
export const countDispatch = async (deps: HoldDependencies, flow: FlowItem): Promise<FlowItem> => {
  const now = deps.clock.now();
  const readings = await deps.meters.add(flow, "throughput", 1, now);
  const isOver = ({ caps: { throughput: cap } }: FlowItem): boolean =>
    cap != null && readings !== undefined && readings.of(cap.per, now).used > cap.limit;
  const cap = flow.caps.throughput;
  if (cap != null && readings !== undefined) countNearly(deps, readings.of(cap.per, now).used, 1, cap.limit);
  if (cap == null || flow.holds.throughput !== undefined || !isOver(flow)) return flow;
  const reason = `Throughput cap reached: ${cap.limit} per ${cap.per}`;
  const held = await addSafetyHold(deps, flow, { kind: "throughput", reason, still: isOver });
  if (held === undefined) throw flowNotFound(flow.flowId);
  return held;
};
