import { iso } from "../model/clock.ts";
import type { IntentKind, RunRecord } from "../store/records.ts";
import { type ControlRequest, control } from "./control.ts";
import type { Engine } from "./engine.ts";
import { newIntent } from "./intents.ts";
import { performIntentOrLeave } from "./perform-intent.ts";
import { isQueued } from "./queued-run.ts";
import { actorStep, movedDeadline } from "./run-changes.ts";

/**
 * Lifts the user's pause, and only that: where the flow holds too, the run's gate parks it again.
 * The write that lifts it carries the intent to wake, so a death after it loses no wake-up; the parks are read after that
 * write, so a gate that parks meanwhile is either found here or sees the write itself.
 */
export const resumeRun = async (engine: Engine, request: ControlRequest): Promise<RunRecord> => {
  const resumed = await control(engine, request, "resume", (record, now, op) => {
    const began = record.startedAt !== undefined;
    const intent = newIntent(kindsFor(record), record.intent, now, engine.ids);
    return {
      step: actorStep(began ? "resume" : "requeue", request.actor, now, { reason: request.reason, op }),
      patch: {
        set: { updatedAt: iso(now), intent, ...movedDeadline(record, now) },
        remove: ["pausedBy", "parkedAt"],
      },
    };
  });
  await performIntentOrLeave(engine, resumed);
  if (!isQueued(resumed)) return resumed;
  return (await engine.runs.get(resumed.workspace, resumed.runId)) ?? resumed;
};

/** One that was paused in the queue goes back to its place there, and on from there where nothing holds the flow any more. */
const kindsFor = (record: RunRecord): IntentKind[] => {
  if (record.startedAt !== undefined) return ["wake"];
  return record.queuedAt === undefined ? ["wake", "start"] : ["queue"];
};
