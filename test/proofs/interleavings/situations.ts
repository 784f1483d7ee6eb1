import type { DEFINITIONS, World } from "./world.ts";

export interface Situation {
  readonly flow: keyof typeof DEFINITIONS;
  /** States whose step stands still, or fails, while the situation is made. */
  readonly stand?: readonly string[];
  readonly fail?: readonly string[];
  /** What was acknowledged and holds when the schedule begins. */
  readonly runPaused?: true;
  readonly flowHeld?: true;
  readonly make: (world: World) => Promise<void>;
}

const HOLD_MS = 60_000;

/** A run whose step stands still is paused; then these states come back. */
const paused = (
  of: Pick<Situation, "flow" | "stand">,
  ...finished: readonly string[]
): Situation & { readonly runPaused: true } => ({
  ...of,
  runPaused: true,
  make: async (world) => {
    await world.dispatch();
    await world.onRun("pause");
    if (finished.length > 0) await world.finish(...finished);
  },
});
const inOne = { flow: "plain", stand: ["one"] } as const;
const fanned = { flow: "fanned", stand: ["a1", "b1", "c1"] } as const;
const parked = paused(inOne, "one");

/** Where a flow and its run stand when the operations begin. */
export const SITUATIONS = {
  "pending, its first gate under way": {
    flow: "plain",
    make: async (world) => {
      world.stage.freeze();
      await world.dispatch();
    },
  },
  queued: {
    flow: "plain",
    flowHeld: true,
    make: async (world) => {
      await world.onFlow("pause");
      await world.dispatch();
    },
  },
  "running, in a step": { ...inOne, make: (world) => world.dispatch() },
  "paused and parked": parked,
  "paused, its step finishing": paused(inOne),
  "paused once more, its next step finishing": {
    flow: "plain",
    stand: ["one", "two"],
    runPaused: true,
    make: async (world) => {
      await parked.make(world);
      await world.onRun("resume");
      await world.onRun("pause");
    },
  },
  "waiting for a person": {
    flow: "asking",
    make: async (world) => {
      await world.dispatch();
      const { body } = await world.settled("GET", `/runs/${world.runId}`);
      world.stepId = (body["waitingOn"] as { stepId: string }).stepId;
    },
  },
  "paused, two of three branches parked": paused(fanned, "a1", "b1"),
  "paused, its three branches finishing": paused(fanned),
  "held by its flow": {
    ...inOne,
    flowHeld: true,
    make: async (world) => {
      await world.dispatch();
      await world.onFlow("pause");
      await world.finish("one");
    },
  },
  "held by its flow, whose time is over": {
    ...inOne,
    make: async (world) => {
      await world.dispatch();
      await world.onFlow("pause", { resumeAt: new Date(world.proof.now() + HOLD_MS).toISOString() });
      await world.finish("one");
      world.passes(HOLD_MS + 1_000);
    },
  },
  "paused, and its flow held": {
    ...parked,
    flowHeld: true,
    make: async (world) => {
      await parked.make(world);
      await world.onFlow("pause");
    },
  },
  failed: { flow: "plain", fail: ["one"], make: (world) => world.dispatch() },
  completed: { flow: "plain", make: (world) => world.dispatch() },
  "its flow draining": {
    flow: "plain",
    make: async (world) => {
      await world.onFlow("pause");
      await world.dispatch();
      await world.dispatch();
      world.stage.freeze();
      await world.onFlow("resume");
    },
  },
  "its flow's cap nearly reached": {
    ...inOne,
    make: async (world) => {
      await world.settled("PUT", `/flows/${world.flowId}/caps`, { throughput: { limit: 1, per: "day" } });
      await world.dispatch();
    },
  },
} as const satisfies Record<string, Situation>;
export type SituationName = keyof typeof SITUATIONS;
