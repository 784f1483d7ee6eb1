import type { WhileHeld } from "../../../../../shared/model/triggers.ts";

/** Says what becomes of a trigger's record while its flow is held. */
export const WHILE_HELD_TEXTS: Readonly<Record<WhileHeld, { label: string; description: string }>> = {
  queue: { label: "Queued", description: "The record waits like any other." },
  drop: { label: "Dropped", description: "There is no run." },
  latest: {
    label: "Only the latest queued",
    description: "The record waits. The trigger's older queued run is cancelled.",
  },
};
