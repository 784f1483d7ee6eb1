import { OF_STEP_TWO, WHOLE } from "./promises/incidents.ts";
import { DROPPING, FIRST_TIME, LATEST, TRIGGER_PATH } from "./promises/triggers.ts";
import type { DEFINITIONS, Subject } from "./subject.ts";

export interface Situation {
  readonly flow: keyof typeof DEFINITIONS;
  /** The flow is attached to the team's machine, or registered by the team's template, or does not exist yet. Absent: it is published. */
  readonly team?: "attached" | "registered" | "not attached";
  /** States whose step is blocked, or fails, while the situation is prepared. */
  readonly block?: readonly string[];
  readonly fail?: readonly string[];
  /** Pauses that were acknowledged before the schedule begins. */
  readonly runPaused?: true;
  readonly flowHeld?: true;
  readonly prepare: (subject: Subject) => Promise<void>;
}

/** The id of a run that never exists. */
const NOBODY = "00000000-0000-7000-8000-000000000000";
const HOLD_MS = 60_000;
/** Longer than the sweeper waits before it looks at the schedules of a change. */
const NOTED_MS = 240_000;
/** Longer than a parked run stays in one execution, and shorter than Step Functions lets it. */
const ELEVEN_MONTHS = "P340D";

/** Pauses a run inside a step, then ends the steps of these states. */
const paused = (
  of: Pick<Situation, "flow" | "block">,
  ...finished: readonly string[]
): Situation & { readonly runPaused: true } => ({
  ...of,
  runPaused: true,
  prepare: async (subject) => {
    await subject.dispatch();
    await subject.onRun("pause");
    if (finished.length > 0) await subject.finish(...finished);
  },
});
const inOne = { flow: "plain", block: ["one"] } as const;
const fanned = { flow: "fanned", block: ["a1", "b1", "c1"] } as const;
const parked = paused(inOne, "one");

const failing = { flow: "plain", fail: ["one"] } as const;
const capErrors = (subject: Subject) =>
  subject.settled("PUT", `/flows/${subject.flowId}/caps`, { errors: { count: 1, per: "day" } });
const limitToOne = (subject: Subject) =>
  subject.settled("PUT", `/flows/${subject.flowId}/caps`, { concurrency: { limit: 1 } });

/** The state of a flow and its run when the operations begin. */
export const SITUATIONS = {
  "pending, its first gate in progress": {
    flow: "plain",
    prepare: async (subject) => {
      subject.calls.freeze();
      await subject.dispatch();
    },
  },
  queued: {
    flow: "plain",
    flowHeld: true,
    prepare: async (subject) => {
      await subject.onFlow("pause");
      await subject.dispatch();
    },
  },
  "running, in a step": { ...inOne, prepare: (subject) => subject.dispatch() },
  "paused and parked": parked,
  "paused and parked for eleven months": {
    ...parked,
    prepare: async (subject) => {
      await parked.prepare(subject);
      const { calls, environment } = subject;
      const { sweeps } = calls;
      calls.sweeps = false; // the operations find what is due
      await environment.admin.advance(ELEVEN_MONTHS);
      calls.sweeps = sweeps;
    },
  },
  "paused, its step finishing": paused(inOne),
  "paused again, its next step finishing": {
    flow: "plain",
    block: ["one", "two"],
    runPaused: true,
    prepare: async (subject) => {
      await parked.prepare(subject);
      await subject.onRun("resume");
      await subject.onRun("pause");
    },
  },
  "waiting for a person": {
    flow: "asking",
    prepare: async (subject) => {
      await subject.dispatch();
      const { body } = await subject.settled("GET", `/runs/${subject.runId}`);
      subject.stepId = (body["waitingOn"] as { stepId: string }).stepId;
    },
  },
  "paused, two of three branches parked": paused(fanned, "a1", "b1"),
  "paused, its three branches finishing": paused(fanned),
  "held by its flow": {
    ...inOne,
    flowHeld: true,
    prepare: async (subject) => {
      await subject.dispatch();
      await subject.onFlow("pause");
      await subject.finish("one");
    },
  },
  "held by its flow, whose time is over": {
    ...inOne,
    prepare: async (subject) => {
      await subject.dispatch();
      await subject.onFlow("pause", {
        resumeAt: new Date(subject.environment.now() + HOLD_MS).toISOString(),
      });
      await subject.finish("one");
      subject.skip(HOLD_MS + 1_000);
    },
  },
  "its next step held, where it is parked": {
    ...inOne,
    prepare: async (subject) => {
      await subject.onFlow("pause", { steps: ["two"] });
      await subject.dispatch();
      await subject.finish("one");
    },
  },
  "held by an incident, where it is parked": {
    ...{ ...inOne, flowHeld: true },
    prepare: async (subject) => {
      await subject.dispatch();
      await subject.settled("POST", "/incidents", WHOLE(subject.flowId));
      await subject.finish("one");
    },
  },
  "its next step held by an incident, where it is parked": {
    ...inOne,
    prepare: async (subject) => {
      await subject.settled("POST", "/incidents", OF_STEP_TWO);
      await subject.dispatch();
      await subject.finish("one");
    },
  },
  "its next step held, its flow drains": {
    ...inOne,
    prepare: async (subject) => {
      await subject.onFlow("pause", { steps: ["two"] });
      await subject.dispatch();
      const { runId } = subject;
      await subject.onFlow("pause");
      await subject.finish("one");
      await subject.dispatch();
      subject.runId = runId;
      subject.calls.freeze();
      await subject.onFlow("resume", { holds: [(await subject.wholeHold()) ?? ""] });
    },
  },
  "finishing, and a record queued": {
    ...inOne,
    prepare: async (subject) => {
      await subject.dispatch();
      const { runId } = subject;
      await subject.onFlow("pause", { mode: "finish", finishWithin: "PT1M" });
      await subject.dispatch();
      subject.runId = runId;
    },
  },
  "running in a step, and a planned pause is due": {
    ...inOne,
    prepare: async (subject) => {
      await subject.dispatch();
      const startAt = new Date(subject.environment.now() + HOLD_MS).toISOString();
      await subject.onFlow("pause", { startAt });
      subject.skip(HOLD_MS + 1_000);
    },
  },
  "paused, and its flow held": {
    ...parked,
    flowHeld: true,
    prepare: async (subject) => {
      await parked.prepare(subject);
      await subject.onFlow("pause");
    },
  },
  failed: { flow: "plain", fail: ["one"], prepare: (subject) => subject.dispatch() },
  "standing by an error": {
    flow: "plain",
    fail: ["one"],
    prepare: async (subject) => {
      await subject.settled("PUT", `/flows/${subject.flowId}/settings`, { onFailure: "pause" });
      await subject.dispatch();
    },
  },
  completed: { flow: "plain", prepare: (subject) => subject.dispatch() },
  "its flow draining": {
    flow: "plain",
    prepare: async (subject) => {
      await subject.onFlow("pause");
      await subject.dispatch();
      await subject.dispatch();
      subject.calls.freeze();
      await subject.onFlow("resume");
    },
  },
  "its flow's cap nearly reached": {
    ...inOne,
    prepare: async (subject) => {
      await subject.settled("PUT", `/flows/${subject.flowId}/caps`, { throughput: { limit: 1, per: "day" } });
      await subject.dispatch();
    },
  },
  "running with the only slot": {
    ...inOne,
    prepare: async (subject) => {
      await limitToOne(subject);
      await subject.dispatch();
    },
  },
  "running with the only slot, and another waits for it": {
    ...inOne,
    prepare: async (subject) => {
      await limitToOne(subject);
      await subject.dispatch();
      const { runId } = subject;
      await subject.dispatch();
      subject.runId = runId;
    },
  },
  "waiting for the only slot": {
    ...inOne,
    prepare: async (subject) => {
      await limitToOne(subject);
      await subject.dispatch();
      await subject.dispatch();
    },
  },
  "its flow held, with a limit, and a record queued": {
    ...{ ...inOne, flowHeld: true },
    prepare: async (subject) => {
      await limitToOne(subject);
      await subject.dispatch();
      await subject.onFlow("pause");
      await subject.dispatch();
    },
  },
  "its first gate in progress, about to fail under an error cap": {
    ...failing,
    prepare: async (subject) => {
      await capErrors(subject);
      subject.calls.freeze();
      await subject.dispatch();
    },
  },
  "its flow held by the error cap, and a record queued": {
    ...failing,
    prepare: async (subject) => {
      await capErrors(subject);
      await subject.dispatch();
      await subject.dispatch();
    },
  },
  "held, the latest record of its trigger queued": {
    flow: "plain",
    flowHeld: true,
    prepare: async (subject) => {
      await subject.settled("PUT", `/flows/${subject.flowId}${TRIGGER_PATH}`, LATEST);
      await subject.onFlow("pause");
      await subject.fire(FIRST_TIME);
    },
  },
  "running in a step, its flow's trigger drops": {
    ...inOne,
    prepare: async (subject) => {
      await subject.settled("PUT", `/flows/${subject.flowId}${TRIGGER_PATH}`, DROPPING);
      await subject.dispatch();
    },
  },
  "completed, the notes of its trigger's changes are due": {
    flow: "plain",
    prepare: async (subject) => {
      for (const trigger of [DROPPING, LATEST])
        await subject.settled("PUT", `/flows/${subject.flowId}${TRIGGER_PATH}`, trigger);
      await subject.dispatch();
      subject.skip(NOTED_MS);
    },
  },
  "not attached, an execution in a step": {
    ...inOne,
    team: "not attached",
    prepare: async (subject) => {
      subject.runId = NOBODY;
      await subject.startNatively();
      await subject.calls.idle();
    },
  },
  "attached, an execution at its first gate": {
    flow: "plain",
    team: "attached",
    prepare: async (subject) => {
      subject.calls.freeze();
      await subject.begin();
    },
  },
  "attached, running in a step": { ...inOne, team: "attached", prepare: (subject) => subject.begin() },
  "attached, paused and parked": {
    ...inOne,
    ...{ team: "attached", runPaused: true },
    prepare: async (subject) => {
      await subject.begin();
      await subject.onRun("pause");
      await subject.finish("one");
    },
  },
  "attached, standing by an error": {
    flow: "plain",
    ...{ team: "attached", fail: ["one"] },
    prepare: async (subject) => {
      await subject.settled("PUT", `/flows/${subject.flowId}/settings`, { onFailure: "pause" });
      await subject.begin();
    },
  },
  "attached, held, parked at its first gate": {
    flow: "plain",
    ...{ team: "attached", flowHeld: true },
    prepare: async (subject) => {
      await subject.onFlow("pause");
      await subject.begin();
    },
  },
  "attached, completed": { flow: "plain", team: "attached", prepare: (subject) => subject.begin() },
  "registered, running in a step": { ...inOne, team: "registered", prepare: (subject) => subject.begin() },
} as const satisfies Record<string, Situation>;
export type SituationName = keyof typeof SITUATIONS;
