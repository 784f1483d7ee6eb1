import type { ErrorCap } from "../../model/schemas/flow.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { HoldItem } from "../../store/flows/holds.ts";
import { type EndCounter, type HoldDependencies, orWarn, type RunDependencies } from "../deps.ts";
import { addSafetyHold, countNearly } from "./add-hold.ts";

type Dependencies = HoldDependencies & Pick<RunDependencies, "holds">;
type Metered = FlowIdentity & Pick<HoldItem, "errorsEra">;

/**
 * Counts the ends of runs against their flow's error cap, and on the meter of a ramp, whose drain reads it. A failure is counted first, then
 * the flow is held, and only then is the run's end written: if this process dies in between, the end is repeated and counts again.
 * Completions are counted only for a share.
 */
export const errorCap = (deps: Dependencies): EndCounter => ({
  failure: async (run) => {
    const hold = await holdOf(deps, run);
    if (hold === undefined) return;
    await countForRamp(deps, run, hold, "rampFailures");
    const cap = hold.caps?.errors;
    if (cap == null) return;
    const flow = meteredBy(run, hold);
    const now = deps.clock.now();
    const failures = await deps.meters.add(flow, "failures", 1, now);
    const failed = failures?.of(cap.per, now).used ?? 0;
    countNearly(deps, failed, 1, cap.count);
    if (hold.holds.errors !== undefined || failed < cap.count) return;
    if (!(await isShareReached(deps, flow, cap, failed, now))) return;
    await addSafetyHold(deps, flow, {
      kind: "errors",
      reason: `Error cap reached: ${errorCapText(cap)}`,
      still: (current) => isSameCap(current, cap) && current.errorsEra === failures?.era,
    });
  },
  completion: async (run) => {
    const failed = "A completed run could not be counted against its flow's error cap";
    await orWarn(deps, run, failed, async () => {
      const hold = await holdOf(deps, run);
      if (hold === undefined) return;
      if (hold.ramp?.stopOn?.percent !== undefined) await countForRamp(deps, run, hold, "rampCompletions");
      if (hold.caps?.errors?.percent === undefined) return;
      await deps.meters.add(meteredBy(run, hold), "completions", 1, deps.clock.now());
    });
  },
});

const holdOf = ({ holds }: Dependencies, run: FlowIdentity): Promise<HoldItem | undefined> =>
  holds.get(run.workspace, run.flowId, run.incarnation);

const countForRamp = async (
  { meters, clock }: Dependencies,
  run: FlowIdentity,
  { ramp }: HoldItem,
  kind: "rampFailures" | "rampCompletions",
): Promise<void> => {
  if (ramp?.stopOn === undefined) return;
  const { workspace, flowId, incarnation } = run;
  await meters.add({ workspace, flowId, incarnation, ramp }, kind, 1, clock.now());
};

const meteredBy = (run: FlowIdentity, { errorsEra }: HoldItem): Metered => {
  const { workspace, flowId, incarnation } = run;
  return { workspace, flowId, incarnation, ...(errorsEra === undefined ? {} : { errorsEra }) };
};

const isShareReached = async (
  deps: Dependencies,
  flow: Metered,
  { percent, per }: ErrorCap,
  failed: number,
  now: number,
): Promise<boolean> => {
  if (percent === undefined) return true;
  const completed = (await deps.meters.read(flow, "completions")).of(per, now).used;
  return failed * 100 >= percent * (failed + completed);
};

const isSameCap = ({ caps: { errors } }: FlowItem, { count, percent, per }: ErrorCap): boolean =>
  errors?.count === count && errors.percent === percent && errors.per === per;

/** Returns, for example, "20 per minute" or "20 per minute and 10 % of the runs that ended". */
export const errorCapText = ({ count, percent, per }: ErrorCap): string =>
  `${count} per ${per}${percent === undefined ? "" : ` and ${percent} % of the runs that ended`}`;
