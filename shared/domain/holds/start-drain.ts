import { type DrainState, lastBatch, nextBatch } from "../../model/machines/loop-machine.ts";
import { type Clock, iso } from "../../model/time/clock.ts";
import type { Drains } from "../../outbound/ports.ts";
import type { DrainIntent, FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowStore } from "../../store/flows/flows.ts";

/** Default rate, in starts per second. StartExecution has a quota for the whole account. */
export const DEFAULT_DRAIN_RATE = 50;
/** The sweeper checks a drain that has shown no progress for this long. */
export const DRAIN_CHECK_MS = 60_000;

/** A flow with an intent to drain it. */
export type Draining = FlowItem & { readonly drain: DrainIntent };

/** The intent to drain a flow, written with the lift of its last hold. `now`: epoch milliseconds. */
export const newDrain = (epoch: number, now: number, rate = DEFAULT_DRAIN_RATE): DrainIntent => ({
  ...{ epoch, attempt: 1, rate, due: iso(now + DRAIN_CHECK_MS), since: iso(now) },
});

/** Starts the execution named after the intent. If one of that name exists, it was started for the same intent. */
export const startDrain = async (
  deps: { readonly drains: Drains },
  { workspace, flowId, incarnation }: FlowIdentity,
  { epoch, attempt }: DrainIntent,
): Promise<void> => {
  await deps.drains.start({ workspace, flowId, incarnation, epoch, attempt, batches: 0 });
};

/** Returns the state for the drain's next batch, not before `at` (epoch milliseconds). Near the end of the execution's history, the next attempt's execution continues; if that cannot be started, the sweeper starts it. */
export const continueDrain = async (
  deps: { readonly drains: Drains; readonly clock: Clock; readonly flows: FlowStore },
  flow: Draining,
  state: DrainState,
  at: number,
): Promise<DrainState> => {
  const following = nextBatch(state, at);
  if (following !== undefined) return following;
  const due = iso(deps.clock.now() + DRAIN_CHECK_MS);
  const next = { ...flow.drain, attempt: flow.drain.attempt + 1, due };
  if (await deps.flows.rescheduleDrain(flow, next)) await startDrain(deps, flow, next);
  return lastBatch(state);
};
