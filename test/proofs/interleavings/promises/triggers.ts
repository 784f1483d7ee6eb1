import { isQueued } from "../../../../shared/domain/runs/queued-run.ts";
import type { Ledger } from "../../harness/ledger/ledger.ts";

export const TRIGGER = "hourly";
export const TRIGGER_PATH = `/triggers/${TRIGGER}`;
/** Its schedule is far away, so that no event comes by itself. */
const FAR_AWAY = { schedule: "at(2200-01-01T00:00:00)" };
export const LATEST = { ...FAR_AWAY, whileHeld: "latest" };
export const DROPPING = { ...FAR_AWAY, whileHeld: "drop" };

/** The time whose record a situation has queued, and that of the operations. */
export const FIRST_TIME = "2026-01-01T01:00:00Z";
export const NEXT_TIME = "2026-01-01T02:00:00Z";

/** Violations of what a trigger promises: two times are two runs at most, and of those with `latest` one is queued. */
export const triggerViolations = ({ runs, items }: Ledger): string[] => {
  const latest = items.filter(({ whileHeld }) => whileHeld === "latest");
  return [...Map.groupBy(runs, ({ incarnation }) => incarnation)].flatMap(([incarnation, all]) => {
    const own = all.filter(({ startedBy }) => startedBy.kind === "schedule" && startedBy.id === TRIGGER);
    const queued = own.filter((run) => run.status === "pending" && isQueued(run));
    const isLatest = latest.some(({ SK }) => String(SK).includes(incarnation));
    return [
      ...(own.length > 2 ? [`two times of a trigger are ${own.length} runs`] : []),
      ...(isLatest && queued.length > 1
        ? [`${queued.length} records of a trigger with latest are queued`]
        : []),
    ];
  });
};
