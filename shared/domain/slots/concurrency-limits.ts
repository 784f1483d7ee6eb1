import type { ConcurrencyLimits } from "../deps.ts";
import { admitQueued, requeueForSlot } from "./pass-on-slot.ts";
import { releaseSlot } from "./release-slot.ts";

/** What ends and starts of runs call, without importing it: it starts runs itself. */
export const concurrencyLimits: ConcurrencyLimits = {
  admit: admitQueued,
  requeue: requeueForSlot,
  release: releaseSlot,
};
