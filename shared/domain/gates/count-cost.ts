import type { GateEvent } from "../../model/machines/task-events.ts";
import { windowEnd } from "../../model/time/windows.ts";
import type { FlowRecord, HoldRecord, RunRecord } from "../../store/records.ts";
import type { Engine } from "../deps.ts";
import { addSafetyHold } from "../holds/add-hold.ts";
import type { MeterTools } from "../holds/count-dispatch.ts";
import { decideGate, type GateQuestion } from "./decide-gate.ts";

type SpendCap = NonNullable<FlowRecord["caps"]["spend"]>;

/**
 * Counts the cost of a step that its gate is about to let pass, before it does, so that no step runs uncounted; a gate that
 * is called again may count again. False: the cap would be gone over, nothing was counted, and the flow is held now.
 */
export const countCost = async (
  engine: Engine & MeterTools,
  event: GateEvent,
  question: GateQuestion,
  run: RunRecord | undefined,
  hold: HoldRecord | undefined,
): Promise<boolean> => {
  const { cost = 0 } = event;
  if (cost <= 0 || question.held || run === undefined) return true;
  const now = engine.clock.now();
  if (!passes(run, question, now)) return true;
  // The step's record is put after its count.
  if ((await engine.steps.get(run.workspace, run.runId, question.stepId)) !== undefined) return true;
  // What was let pass before starts whatever holds: its cost is a fact.
  const decided = passes(run, { ...question, held: true }, now);
  const cap = decided ? null : hold?.caps?.spend;
  const limit = cap == null ? undefined : { unit: cap.period, limit: cap.limit };
  const counted = await engine.meters.add(run, "spend", cost, now, limit);
  if (counted !== undefined || cap == null) return true;
  await trip(engine, run, cap, now);
  return false;
};

const passes = (run: RunRecord, question: GateQuestion, now: number): boolean => {
  const decision = decideGate(run, question, now);
  return decision.kind === "pass" || (decision.kind === "write" && decision.answer === "pass");
};

/** A cap that has been changed since is not this one's to hold for; nor is a period that is over. */
const trip = async (tools: MeterTools, run: RunRecord, cap: SpendCap, now: number): Promise<void> => {
  const resumeAt = windowEnd(cap.period, now);
  await addSafetyHold(tools, run, {
    kind: "spend",
    resumeAt,
    reason: `Spend cap reached: ${cap.limit} a ${cap.period}`,
    still: ({ caps: { spend } }) =>
      spend?.limit === cap.limit && spend.period === cap.period && tools.clock.now() < Date.parse(resumeAt),
  });
};
