import type { AuditItem } from "../../../../../shared/model/schemas/run.ts";
import type { Span } from "./axis.ts";

/** Returns the times during which the run was paused, oldest first. `audit` is newest first; `now` ends a pause that lasts. */
export const pausesOf = (audit: readonly Pick<AuditItem, "at" | "to">[], now: number): Span[] => {
  const pauses: Span[] = [];
  let since: number | undefined;
  for (const { at, to } of [...audit].reverse()) {
    const time = Date.parse(at);
    if (to === "paused") since ??= time;
    else if (since !== undefined) {
      pauses.push({ from: since, to: time });
      since = undefined;
    }
  }
  return since === undefined ? pauses : [...pauses, { from: since, to: Math.max(since, now) }];
};
