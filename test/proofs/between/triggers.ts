import { fireTrigger } from "../../../shared/domain/triggers/fire-trigger.ts";
import { deleteTrigger, putTrigger } from "../../../shared/domain/triggers/put-trigger.ts";
import type { WhileHeld } from "../../../shared/model/triggers.ts";
import { ANN } from "../../harness/domain/held-flow.ts";
import type { Change, Subject } from "./subject.ts";

const TRIGGER_ID = "hourly";
/** The time before which a situation's record was dispatched, and the time after it. */
const FIRST = "2026-03-02T01:00:00Z";
const NEXT = "2026-03-02T02:00:00Z";

const asked = ({ flow: { workspace, flowId } }: Subject) => ({
  ...{ workspace, flowId, actor: ANN },
  triggerId: TRIGGER_ID,
});

const put =
  (whileHeld: WhileHeld, enabled = true): Change =>
  (subject) =>
    putTrigger(subject.harness.deps, {
      ...asked(subject),
      ...{ schedule: "rate(1 hour)", whileHeld, enabled },
    });

/** Delivers a time of the schedule that the trigger had when the situation was prepared. */
const fire =
  (time: string): Change =>
  async ({ harness, event }) => {
    if (event === undefined) throw new Error("not allowed");
    await fireTrigger(harness.deps, event, time);
  };

/** What changes a trigger, and its schedule. */
export const TRIGGER_CHANGES = {
  putTrigger: put("queue"),
  disableTrigger: put("latest", false),
  deleteTrigger: (subject: Subject) => deleteTrigger(subject.harness.deps, asked(subject)),
  fireTrigger: fire(NEXT),
} as const satisfies Record<string, Change>;

/** Steps of situations. */
export const TRIGGER_STEPS: Readonly<Record<string, Change>> = {
  "a trigger that drops": put("drop"),
  "a trigger with latest": put("latest"),
  "its first time": fire(FIRST),
};

/** The flow's trigger as a user sees it, and whether exactly its schedule exists. */
export const triggerOutcome = async ({ harness, flow }: Pick<Subject, "harness" | "flow">) => {
  const all = await harness.deps.triggers.all(flow);
  const schedules = [...harness.triggerSchedules.events.keys()].sort();
  if (all.length === 0 && schedules.length === 0) return undefined;
  const newest = all[0]?.latest && (await harness.deps.runs.get(flow.workspace, all[0].latest.runId));
  return {
    ...{ whileHeld: all.map(({ whileHeld }) => whileHeld), enabled: all.map(({ enabled }) => enabled) },
    schedulesAgree: schedules.join() === all.map(({ generation }) => generation).join(),
    ...{ dropped: all[0]?.dropped, latest: all[0]?.latest?.time, latestIs: newest?.status },
  };
};
