import { iso } from "../../model/time/clock.ts";
import type { SlotClaim } from "../../store/slots/slots.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";

const MINUTE_MS = 60_000;

/**
 * Returns when the sweeper looks at a key after a claim or a release at `now` (epoch milliseconds): when every writer of then has ended,
 * and at a full minute, so that all claims of a minute move the key in the index once.
 */
export const slotsDueAfter = (now: number): string =>
  iso(Math.ceil((now + LATE_WRITER_MS) / MINUTE_MS) * MINUTE_MS);

/** Returns a claim at `now` (epoch milliseconds). */
export const claimAt = (
  now: number,
  claim: Pick<SlotClaim, "runId" | "limit" | "behindOthers">,
): SlotClaim => ({ ...claim, now, due: slotsDueAfter(now) });
