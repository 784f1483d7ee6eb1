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
  "running, in a step": { flow: "plain", stand: ["one"], make: (world) => world.dispatch() },
  "paused and parked": {
    flow: "plain",
    stand: ["one"],
    runPaused: true,
    make: async (world) => {
      await world.dispatch();
      await world.onRun("pause");
      await world.finish("one");
    },
  },
  "paused, its step finishing": {
    flow: "plain",
    stand: ["one"],
    runPaused: true,
    make: async (world) => {
      await world.dispatch();
      await world.onRun("pause");
    },
  },
  "paused once more, its next step finishing": {
    flow: "plain",
    stand: ["one", "two"],
    runPaused: true,
    make: async (world) => {
      await world.dispatch();
      await world.onRun("pause");
      await world.finish("one");
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
  "paused, two of three branches parked": {
    flow: "fanned",
    stand: ["a1", "b1", "c1"],
    runPaused: true,
    make: async (world) => {
      await world.dispatch();
      await world.onRun("pause");
      await world.finish("a1", "b1");
    },
  },
  "paused, its three branches finishing": {
    flow: "fanned",
    stand: ["a1", "b1", "c1"],
    runPaused: true,
    make: async (world) => {
      await world.dispatch();
      await world.onRun("pause");
    },
  },
  "held by its flow": {
    flow: "plain",
    stand: ["one"],
    flowHeld: true,
    make: async (world) => {
      await world.dispatch();
      await world.onFlow("pause");
      await world.finish("one");
    },
  },
  "held by its flow, whose time is over": {
    flow: "plain",
    stand: ["one"],
    make: async (world) => {
      await world.dispatch();
      await world.onFlow("pause", { resumeAt: new Date(world.proof.now() + HOLD_MS).toISOString() });
      await world.finish("one");
      world.passes(HOLD_MS + 1_000);
    },
  },
  "paused, and its flow held": {
    flow: "plain",
    stand: ["one"],
    runPaused: true,
    flowHeld: true,
    make: async (world) => {
      await world.dispatch();
      await world.onRun("pause");
      await world.finish("one");
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
    flow: "plain",
    stand: ["one"],
    make: async (world) => {
      await world.settled("PUT", `/flows/${world.flowId}/caps`, { throughput: { limit: 1, per: "day" } });
      await world.dispatch();
    },
  },
} as const satisfies Record<string, Situation>;
export type SituationName = keyof typeof SITUATIONS;
