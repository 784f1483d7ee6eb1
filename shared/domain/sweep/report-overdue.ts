import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type SweepDependencies } from "../deps.ts";

/**
 * Publishes that a run lasts longer than its flow expects, then records it. If the process dies in between, or the write loses to a step of
 * the run, the event is published again with the same id. Nothing of the run changes.
 */
export const reportOverdue = async (
  deps: Pick<SweepDependencies, "runs" | "events" | "clock" | "metrics" | "log">,
  run: RunItem,
  expectedBy: string,
): Promise<void> => {
  const { workspace, flowId, runId, version: flowVersion, status, rev, startedAt = run.createdAt } = run;
  const now = deps.clock.now();
  const detail = {
    id: `${workspace}/${runId}/overdue`,
    ...{ workspace, flowId, runId, flowVersion, status, rev, startedAt, expectedBy },
  };
  const taken = await deps.events.put([{ type: "Run is overdue", at: now, detail }]);
  if (taken === 0) throw new Error("The event bus refused an event");
  const written = await deps.runs.updateAttributes(run, {
    set: { overdueSince: expectedBy },
    remove: ["expectedBy"],
  });
  if (!written.ok) return;
  deps.metrics.count("runsOverdue");
  deps.log.info("A run is overdue", { ...logFields(run), at: iso(now) });
};
