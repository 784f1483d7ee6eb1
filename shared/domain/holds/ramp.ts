import { SYSTEM } from "../../model/actor.ts";
import { type AskedRamp, type Ramp, rampEnd, rampLength, stopsRamp } from "../../model/holds/ramp.ts";
import { iso } from "../../model/time/clock.ts";
import type { DrainIntent, FlowItem } from "../../store/flows/flow-item.ts";
import { type DrainDependencies, logFields } from "../deps.ts";
import { flowEntry } from "../flows/change-flow.ts";
import { rampAboveRate, rampTooLong } from "../hold-refusals.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { flowChangesTooFast } from "../refusals.ts";
import { addSafetyHold, MAX_HOLD_MS } from "./add-hold.ts";
import { DEFAULT_DRAIN_RATE, type Draining } from "./start-drain.ts";

const shapeOf = ({ from, factor = 2, every = "PT1M" }: AskedRamp, to: number) => ({
  from,
  to,
  factor,
  every,
});

/** Throws `invalid_request` for a ramp that is not below the drain's rate, or stays there longer than a flow can be held. */
export const checkRamp = (asked: AskedRamp | undefined, drainRate = DEFAULT_DRAIN_RATE): void => {
  if (asked === undefined) return;
  if (asked.from > drainRate) throw rampAboveRate(drainRate);
  if (rampLength(shapeOf(asked, drainRate)) > MAX_HOLD_MS) throw rampTooLong();
};

/** Returns the ramp of a drain that begins. */
export const beginRamp = (asked: AskedRamp, { epoch, since, rate }: DrainIntent): Ramp => ({
  ...{ era: epoch, since },
  ...shapeOf(asked, rate),
  ...(asked.stopOn === undefined ? {} : { stopOn: asked.stopOn }),
});

/** The ends of runs since the resume, in a ramp that can stop. */
const endsSince = async ({ meters, clock }: DrainDependencies, flow: FlowItem) => {
  const now = clock.now();
  const [failures, completions] = await Promise.all([
    meters.read(flow, "rampFailures"),
    meters.read(flow, "rampCompletions"),
  ]);
  return { failed: failures.of("era", now).used, completed: completions.of("era", now).used };
};

/**
 * Stops the ramp if too many runs have failed since the resume: the flow is held, which ends the drain. Otherwise ends a ramp that has
 * reached the drain's rate. Returns the flow to drain; undefined if it is held, or another execution drains it. Records that were queued
 * because of the ramp are found by the drain, because it looks for them once more after every reader of the ramp has ended.
 * @param read reads the flow again after a conflict
 */
export const settleRamp = (
  deps: DrainDependencies,
  first: Draining,
  read: () => Promise<Draining | undefined>,
): Promise<Draining | undefined> =>
  retryOnConflict<Draining | undefined>(
    deps,
    async (attempt) => {
      const flow = attempt === 1 ? first : await read();
      if (flow?.ramp === undefined) return flow;
      const { ramp } = flow;
      if (ramp.stopOn !== undefined && stopsRamp(ramp, await endsSince(deps, flow))) {
        await addSafetyHold(deps, flow, {
          ...{ kind: "errors", action: "ramp-stopped", reason: stopText(ramp.stopOn) },
          still: (current) => current.ramp?.era === ramp.era,
        });
        deps.log.info("Stopped the ramp", logFields(flow));
        return undefined;
      }
      const now = deps.clock.now();
      if (now < rampEnd(ramp)) return flow;
      const next = withoutRamp(flow, iso(now));
      const entry = flowEntry(flow, next, { at: next.updatedAt, actor: SYSTEM, action: "ramp-ended" });
      return (await deps.flows.change(flow, next, entry)) ? next : "conflict";
    },
    flowChangesTooFast,
  );

/** From then on, the drain looks for records that were queued because of the ramp. */
const withoutRamp = ({ ramp: _over, ...flow }: Draining, at: string): Draining => ({
  ...flow,
  ...{ drain: { ...flow.drain, since: at }, rev: flow.rev + 1, updatedAt: at },
});

const stopText = ({ failures, percent }: NonNullable<Ramp["stopOn"]>): string =>
  `Ramp stopped: ${failures} failures since the resume${percent === undefined ? "" : ` and ${percent} % of the runs that ended`}`;
