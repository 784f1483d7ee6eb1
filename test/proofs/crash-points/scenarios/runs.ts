import type { JsonObject } from "../../../../shared/model/json/json.ts";
import type { Run, Step } from "../../../../shared/model/schemas/run.ts";
import type { Answer } from "../../../support/client.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

/** A run on its way to where an action meets it: further on with each stage. */
interface OnTheWay {
  readonly runId: string;
  readonly flowId: string;
  readonly stages?: readonly (() => Promise<unknown>)[];
}
interface Make {
  readonly stages: number;
  readonly make: (world: World) => Promise<OnTheWay>;
}
const made = (stages: number, make: Make["make"]): Make => ({ stages, make });

const running = (shape: Shape, why?: string): Make =>
  made(0, async (world) => {
    const flowId = await world.common(shape, why);
    const runId = await world.run(flowId);
    await world.untilBusy(flowId, runId);
    return { runId, flowId };
  });
const pausedFirst = (shape: Shape, why?: string): Make =>
  made(1, async (world) => {
    const run = await running(shape, why).make(world);
    await world.must("POST", `/runs/${run.runId}/pause`, {});
    return { ...run, stages: [async () => undefined] };
  });
const heldByFlow = (shape: Shape): Make =>
  made(1, async (world) => {
    const run = await running(shape, world.fresh()).make(world);
    await world.must("POST", `/flows/${run.flowId}/pause`, {});
    return { ...run, stages: [async () => undefined] };
  });
/** Paused, and its flow is held too. */
const heldTwice = (shape: Shape): Make =>
  made(1, async (world) => {
    const run = await pausedFirst(shape, world.fresh()).make(world);
    const hold = () => world.must("POST", `/flows/${run.flowId}/pause`, {});
    return { ...run, stages: [hold] };
  });
const waiting = (shape: Shape): Make =>
  made(0, async (world) => {
    const flowId = await world.common(shape);
    const runId = await world.run(flowId);
    await world.stack.admin.untilStatus(runId, "waiting", 60);
    return { runId, flowId };
  });
const queued: Make = made(0, async (world) => {
  const flowId = await world.pausedFlow(SHAPES.line);
  return { flowId, runId: await world.run(flowId) };
});
const queuedAndPaused: Make = made(0, async (world) => {
  const run = await queued.make(world);
  await world.must("POST", `/runs/${run.runId}/pause`, {});
  return run;
});
/** Its flow is active again, so resuming it starts it. */
const pausedOffTheQueue: Make = made(2, async (world) => {
  const run = await queuedAndPaused.make(world);
  const open = () => world.must("POST", `/flows/${run.flowId}/resume`, {});
  return { ...run, stages: [open, async () => undefined] };
});
const over = (shape: Shape, status: Run["status"], why?: string): Make =>
  made(0, async (world) => {
    const flowId = await world.common(shape, why);
    const runId = await world.run(flowId);
    await world.stack.admin.untilStatus(runId, status, 60);
    return { runId, flowId };
  });

const acting = (
  name: string,
  action: "pause" | "resume" | "cancel",
  make: Make,
  right: readonly Run["status"][],
): Scenario => ({
  name: `${action} of a run ${name}`,
  handler: "control",
  route: `POST /runs/{runId}/${action}`,
  stages: make.stages,
  prepare: async (world) => {
    const { runId, stages } = await make.make(world);
    return {
      matches: (event) => event.includes(`/runs/${runId}/${action}`),
      ...(stages === undefined ? {} : { stages }),
      act: () => world.call("POST", `/runs/${runId}/${action}`, {}),
      standing: (told) => stands(world, runId, told, right),
    };
  },
});

/** Whoever was told that it is done finds it done. */
const stands = async (
  world: World,
  runId: string,
  told: unknown,
  right: readonly Run["status"][],
): Promise<string[]> => {
  if ((told as Answer).status !== 200) return [];
  const { status } = await world.must<Run>("GET", `/runs/${runId}`);
  return right.includes(status) ? [] : [`${runId} is ${status}, and its caller was told otherwise`];
};

const deleting = (name: string, make: Make): Scenario => ({
  name: `delete of a run ${name}`,
  handler: "control",
  route: "DELETE /runs/{runId}",
  stages: make.stages,
  prepare: async (world) => {
    const { runId, flowId, stages } = await make.make(world);
    world.deleted.add(flowId);
    return {
      matches: (event) => event.includes(`DELETE /v1`) && event.includes(`/runs/${runId}`),
      ...(stages === undefined ? {} : { stages }),
      act: () => world.call("DELETE", `/runs/${runId}`),
      standing: async (told) => {
        if ((told as Answer).status !== 204) return [];
        const { status } = await world.call("GET", `/runs/${runId}`);
        return status === 404 ? [] : [`${runId} is there, and its caller was told otherwise`];
      },
    };
  },
});

const completing = (name: string, shape: Shape, body: JsonObject): Scenario => ({
  name: `answer: ${name}`,
  handler: "control",
  route: "POST /runs/{runId}/steps/{stepId}/complete",
  prepare: async (world) => {
    const { runId } = await waiting(shape).make(world);
    const stepId = await askedStep(world, runId);
    const path = `/runs/${runId}/steps/${stepId}/complete`;
    return {
      matches: (event) => event.includes(path),
      act: () => world.call("POST", path, body),
      standing: async (told) =>
        (told as Answer).status === 200 ? stands(world, runId, told, ["completed", "failed"]) : [],
    };
  },
});

/** The step that asks a person, once its token is kept. */
export const askedStep = async (world: World, runId: string): Promise<string> => {
  for (let tries = 0; tries < 400; tries += 1) {
    const steps = await world.must<{ items: Step[] }>("GET", `/runs/${runId}/steps`);
    const open = steps.items.find(({ waitingOn, status }) => status === "waiting" && waitingOn !== undefined);
    const inbox = await world.must<{ items: { runId: string }[] }>("GET", "/inbox?limit=200");
    if (open !== undefined && inbox.items.some((item) => item.runId === runId)) return open.stepId;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error(`Nothing of ${runId} waits for a person`);
};

const replaying = (
  name: string,
  shape: Shape,
  status: Run["status"],
  body: JsonObject,
  keyed = false,
): Scenario => ({
  name: `replay ${name}`,
  handler: "publish",
  route: "POST /runs/{runId}/replay",
  prepare: async (world): Promise<Prepared> => {
    const { runId } = await over(shape, status).make(world);
    return {
      matches: (event) => event.includes(`/runs/${runId}/replay`),
      act: () => world.call("POST", `/runs/${runId}/replay`, body, keyed ? runId : undefined),
    };
  },
});

/** Of their flows, the books do not ask for every run. */
const DELETED = "deleted";
const AFTER_PAUSE = ["paused"] as const;
const AFTER_RESUME = ["pending", "running", "completed"] as const;
const CANCELLED = ["cancelled"] as const;

export const runScenarios: readonly Scenario[] = [
  acting("that is running", "pause", running(SHAPES.busy), AFTER_PAUSE),
  acting("with branches", "pause", running(SHAPES.branches), AFTER_PAUSE),
  acting("in the queue", "pause", queued, AFTER_PAUSE),
  acting("that is parked", "resume", pausedFirst(SHAPES.busy), AFTER_RESUME),
  acting("with parked branches", "resume", pausedFirst(SHAPES.branches), AFTER_RESUME),
  acting("that its flow holds too", "resume", heldTwice(SHAPES.busy), [...AFTER_RESUME, "paused"]),
  acting("that was queued", "resume", queuedAndPaused, AFTER_RESUME),
  acting("that missed its queue's drain", "resume", pausedOffTheQueue, AFTER_RESUME),
  acting("that is running", "cancel", running(SHAPES.busy), CANCELLED),
  acting("that waits", "cancel", waiting(SHAPES.waits), CANCELLED),
  acting("that waits for a person", "cancel", waiting(SHAPES.approval), CANCELLED),
  acting("that is parked", "cancel", pausedFirst(SHAPES.busy), CANCELLED),
  acting("with parked branches", "cancel", pausedFirst(SHAPES.branches), CANCELLED),
  acting("that its flow holds", "cancel", heldByFlow(SHAPES.busy), CANCELLED),
  acting("in the queue", "cancel", queued, CANCELLED),
  acting("that was queued and paused", "cancel", queuedAndPaused, CANCELLED),
  deleting("in the queue", queued),
  deleting("that is parked", pausedFirst(SHAPES.busy, DELETED)),
  deleting("that its flow holds", heldByFlow(SHAPES.branches)),
  deleting("that is completed", over(SHAPES.line, "completed", DELETED)),
  deleting("that failed", over(SHAPES.fails, "failed", DELETED)),
  completing("approved", SHAPES.approval, { decision: "approved" }),
  completing("rejected", SHAPES.approval, { decision: "rejected" }),
  completing("a form", SHAPES.form, { decision: "submitted", data: { a: 1 } }),
  replaying("from the start", SHAPES.line, "completed", {}),
  replaying("with a key", SHAPES.line, "completed", {}, true),
  replaying("of the failed step", SHAPES.fails, "failed", { from: "failed-step" }),
];
