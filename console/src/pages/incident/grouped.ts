import type { TimelineEntry } from "../../../../shared/model/schemas/incident.ts";

/** Entries of the timeline that stand next to each other and say the same about several flows. */
export interface TimelineGroup {
  readonly event: TimelineEntry["event"];
  readonly at: string;
  readonly by?: string;
  readonly entries: readonly TimelineEntry[];
}

/** Groups the entries about flows, so that an incident over hundreds of flows stays readable. */
export const grouped = (timeline: readonly TimelineEntry[]): readonly TimelineGroup[] => {
  const groups: (TimelineGroup & { entries: TimelineEntry[] })[] = [];
  for (const entry of timeline) {
    const last = groups.at(-1);
    const { event, at, by, flowId } = entry;
    if (flowId !== undefined && last?.event === event && last.by === by) last.entries.push(entry);
    else groups.push({ event, at, ...(by === undefined ? {} : { by }), entries: [entry] });
  }
  return groups;
};
