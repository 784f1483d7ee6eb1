import { countableCost } from "../../model/cost.ts";
import { type Kept, keeps } from "../../model/holds/keeps.ts";
import type { GateEvent } from "../../model/machines/task-events.ts";
import { windowEnd } from "../../model/time/windows.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { HoldItem } from "../../store/flows/holds.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { HoldDependencies, RunDependencies } from "../deps.ts";
import { addSafetyHold, countNearly } from "../holds/add-hold.ts";
import { decideGate, type GateQuestion } from "./decide-gate.ts";

type SpendCap = NonNullable<FlowItem["caps"]["spend"]>;

/**
 * Counts the cost of a step before its gate lets it pass, so that no step runs uncounted. A repeated call may count again.
 * Returns the flow's holds on the state if the cost would exceed the cap: nothing was counted, and the flow is now held.
 */
export const countCost = async (
  deps: RunDependencies & HoldDependencies,
  event: GateEvent,
  question: GateQuestion,
  run: RunItem | undefined,
  hold: HoldItem | undefined,
): Promise<Kept | undefined> => {
  const cost = countableCost(event.cost ?? 0);
  if (cost <= 0 || question.kept !== undefined || run === undefined) return undefined;
  const now = deps.clock.now();
  if (!passes(run, question, now)) return undefined;
  // The step's record is written after its cost is counted.
  if ((await deps.steps.get(run.workspace, run.runId, question.stepId)) !== undefined) return undefined;
  // A visit that has passed before starts in any case, so its cost is counted even above the cap.
  const decided = passes(run, { ...question, kept: UNNAMED }, now);
  const cap = decided ? null : hold?.caps?.spend;
  const limit = cap == null ? undefined : { unit: cap.period, limit: cap.limit };
  const counted = await deps.meters.add(run, "spend", cost, now, limit);
  if (counted !== undefined && limit !== undefined)
    countNearly(deps, counted.of(limit.unit, now).used, cost, limit.limit);
  if (counted !== undefined || cap == null) return undefined;
  const flow = await trip(deps, run, cap, now);
  return keeps(flow, run, run.version, event.state, now) ?? UNNAMED;
};

const passes = (run: RunItem, question: GateQuestion, now: number): boolean => {
  const decision = decideGate(run, question, now);
  return decision.kind === "pass" || (decision.kind === "write" && decision.answer === "pass");
};

/** The step must not pass, whatever holds the flow has by now. */
const UNNAMED: Kept = { holdIds: [], partly: false };

/** Holds the flow, unless its cap has changed or the period has ended since. Returns undefined if the flow is gone. */
const trip = (
  deps: HoldDependencies,
  run: RunItem,
  cap: SpendCap,
  now: number,
): Promise<FlowItem | undefined> => {
  const resumeAt = windowEnd(cap.period, now);
  return addSafetyHold(deps, run, {
    kind: "spend",
    resumeAt,
    reason: `Spend cap reached: ${cap.limit} per ${cap.period}`,
    still: ({ caps: { spend } }) =>
      spend?.limit === cap.limit && spend.period === cap.period && deps.clock.now() < Date.parse(resumeAt),
  });
};
