import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../../../shared/model/json/json.ts";
import type { Run, Step } from "../../../../shared/model/schemas/run.ts";
import type { Answer } from "../../../harness/clients/client.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** A run that each stage brings closer to the state in which the action meets it. */
interface PreparedRun {
  readonly runId: string;
  readonly flowId: string;
  readonly stages?: readonly (() => Promise<unknown>)[];
}
export interface Make {
  readonly stages: number;
  readonly make: (context: ScenarioContext) => Promise<PreparedRun>;
}
export const made = (stages: number, make: Make["make"]): Make => ({ stages, make });

const running = (shape: Shape, why?: string): Make =>
  made(0, async (context) => {
    const flowId = await context.common(shape, why);
    const runId = await context.run(flowId);
    await context.untilBusy(flowId, runId);
    return { runId, flowId };
  });
const pausedFirst = (shape: Shape, why?: string): Make =>
  made(1, async (context) => {
    const run = await running(shape, why).make(context);
    await context.must("POST", `/runs/${run.runId}/pause`, {});
    return { ...run, stages: [async () => undefined] };
  });
const heldByFlow = (shape: Shape): Make =>
  made(1, async (context) => {
    const run = await running(shape, context.fresh()).make(context);
    await context.must("POST", `/flows/${run.flowId}/pause`, {});
    return { ...run, stages: [async () => undefined] };
  });
/** Paused, and its flow is held too. */
const heldTwice = (shape: Shape): Make =>
  made(1, async (context) => {
    const run = await pausedFirst(shape, context.fresh()).make(context);
    const hold = () => context.must("POST", `/flows/${run.flowId}/pause`, {});
    return { ...run, stages: [hold] };
  });
const waiting = (shape: Shape): Make =>
  made(0, async (context) => {
    const flowId = await context.common(shape);
    const runId = await context.run(flowId);
    await context.environment.admin.untilStatus(runId, "waiting", 60);
    return { runId, flowId };
  });
const queued: Make = made(0, async (context) => {
  const flowId = await context.pausedFlow(SHAPES.line);
  return { flowId, runId: await context.run(flowId) };
});
const queuedAndPaused: Make = made(0, async (context) => {
  const run = await queued.make(context);
  await context.must("POST", `/runs/${run.runId}/pause`, {});
  return run;
});
/** Paused in the queue while its flow was resumed, so that resuming the run starts it. */
const pausedOffTheQueue: Make = made(2, async (context) => {
  const run = await queuedAndPaused.make(context);
  const open = () => context.must("POST", `/flows/${run.flowId}/resume`, {});
  return { ...run, stages: [open, async () => undefined] };
});
const over = (shape: Shape, status: Run["status"], why?: string): Make =>
  made(0, async (context) => {
    const flowId = await context.common(shape, why);
    const runId = await context.run(flowId);
    await context.environment.admin.untilStatus(runId, status, 60);
    return { runId, flowId };
  });

/** Stands by an error. Its execution has ended, and what it needs to go on is stored. */
const halted = (shape: Shape): Make =>
  made(0, async (context) => {
    const flowId = await context.common(shape);
    const runId = await context.run(flowId);
    await context.environment.admin.until(runId, ({ parkedAt }) => parkedAt !== undefined, 60);
    return { runId, flowId };
  });

export const acting = (
  name: string,
  action: "pause" | "resume" | "cancel",
  make: Make,
  right: readonly Run["status"][],
  body: JsonObject = {},
): Scenario => ({
  name: `${action} of a run ${name}`,
  handler: "control",
  route: `POST /runs/{runId}/${action}`,
  stages: make.stages,
  prepare: async (context) => {
    const { runId, stages } = await make.make(context);
    return {
      matches: (event) => event.includes(`/runs/${runId}/${action}`),
      ...(stages === undefined ? {} : { stages }),
      act: () => context.call("POST", `/runs/${runId}/${action}`, body),
      check: (answer) => statusViolations(context, runId, answer, right),
    };
  },
});

/** Checks that an acknowledged action has taken effect. */
const statusViolations = async (
  context: ScenarioContext,
  runId: string,
  answer: unknown,
  right: readonly Run["status"][],
): Promise<string[]> => {
  if ((answer as Answer).status !== 200) return [];
  const { status } = await context.must<Run>("GET", `/runs/${runId}`);
  return right.includes(status) ? [] : [`${runId} is ${status}, although its caller got a 200`];
};

const deleting = (name: string, make: Make): Scenario => ({
  name: `delete of a run ${name}`,
  handler: "control",
  route: "DELETE /runs/{runId}",
  stages: make.stages,
  prepare: async (context) => {
    const { runId, flowId, stages } = await make.make(context);
    context.deleted.add(flowId);
    return {
      matches: (event) => event.includes(`DELETE /v1`) && event.includes(`/runs/${runId}`),
      ...(stages === undefined ? {} : { stages }),
      act: () => context.call("DELETE", `/runs/${runId}`),
      check: async (answer) => {
        if ((answer as Answer).status !== 204) return [];
        const { status } = await context.call("GET", `/runs/${runId}`);
        return status === 404 ? [] : [`${runId} still exists, although its caller got a 204`];
      },
    };
  },
});

const completing = (name: string, shape: Shape, body: JsonObject): Scenario => ({
  name: `answer: ${name}`,
  handler: "control",
  route: "POST /runs/{runId}/steps/{stepId}/complete",
  prepare: async (context) => {
    const { runId } = await waiting(shape).make(context);
    const stepId = await askedStep(context, runId);
    const path = `/runs/${runId}/steps/${stepId}/complete`;
    return {
      matches: (event) => event.includes(path),
      act: () => context.call("POST", path, body),
      check: async (answer) =>
        (answer as Answer).status === 200
          ? statusViolations(context, runId, answer, ["completed", "failed"])
          : [],
    };
  },
});

/** An administrator gives an open step to others. */
const assigning: Scenario = {
  name: "assign a step",
  handler: "control",
  route: "PUT /runs/{runId}/steps/{stepId}/assignees",
  prepare: async (context) => {
    const { runId } = await waiting(SHAPES.approval).make(context);
    const path = `/runs/${runId}/steps/${await askedStep(context, runId)}`;
    return {
      matches: (event) => event.includes(`${path}/assignees`),
      act: () => context.call("PUT", `${path}/assignees`, { assignees: ["admin"] }),
      check: async (answer) => {
        if ((answer as Answer).status !== 200) return [];
        const { question } = await context.must<Step>("GET", path);
        return isDeepStrictEqual(question?.assignees, ["admin"])
          ? []
          : [`${path} is not assigned, although its caller got a 200`];
      },
    };
  },
};

/** The step that waits for a person, once its token is stored. */
export const askedStep = async (context: ScenarioContext, runId: string): Promise<string> => {
  for (let tries = 0; tries < 400; tries += 1) {
    const steps = await context.must<{ items: Step[] }>("GET", `/runs/${runId}/steps`);
    const open = steps.items.find(({ waitingOn, status }) => status === "waiting" && waitingOn !== undefined);
    const inbox = await context.must<{ items: { runId: string }[] }>("GET", "/inbox?limit=200");
    if (open !== undefined && inbox.items.some((item) => item.runId === runId)) return open.stepId;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error(`No step of ${runId} waits for a person`);
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
  prepare: async (context): Promise<Prepared> => {
    const { runId } = await over(shape, status).make(context);
    return {
      matches: (event) => event.includes(`/runs/${runId}/replay`),
      act: () => context.call("POST", `/runs/${runId}/replay`, body, keyed ? runId : undefined),
    };
  },
});

/** Deletes runs, so the flow is not shared with cases that keep theirs. */
const DELETED = "deleted";
const AFTER_PAUSE = ["paused"] as const;
export const AFTER_RESUME = ["pending", "running", "completed"] as const;
const CANCELLED = ["cancelled"] as const;

export const runScenarios: readonly Scenario[] = [
  acting("that is running", "pause", running(SHAPES.busy), AFTER_PAUSE),
  acting("before a state", "pause", running(SHAPES.busy), ["running", "paused"], { before: "two" }),
  acting("with branches", "pause", running(SHAPES.branches), AFTER_PAUSE),
  acting("in the queue", "pause", queued, AFTER_PAUSE),
  acting("that is parked", "resume", pausedFirst(SHAPES.busy), AFTER_RESUME),
  acting("for one step", "resume", pausedFirst(SHAPES.busy), [...AFTER_RESUME, "paused"], { steps: 1 }),
  acting("with parked branches", "resume", pausedFirst(SHAPES.branches), AFTER_RESUME),
  acting("that its flow holds too", "resume", heldTwice(SHAPES.busy), [...AFTER_RESUME, "paused"]),
  acting("that was queued", "resume", queuedAndPaused, AFTER_RESUME),
  acting("that missed its queue's drain", "resume", pausedOffTheQueue, AFTER_RESUME),
  acting("that an error paused", "resume", halted(SHAPES.halts), [...AFTER_RESUME, "paused"]),
  acting("that an unseen error paused", "resume", halted(SHAPES.haltsUnseen), [...AFTER_RESUME, "paused"]),
  acting("that is given up", "resume", halted(SHAPES.halts), ["failed"], { giveUp: true }),
  acting("that goes on elsewhere", "resume", pausedFirst(SHAPES.busy), AFTER_RESUME, { version: "same" }),
  acting("that is rehearsed", "resume", pausedFirst(SHAPES.busy), ["paused"], { dryRun: true }),
  acting("that is sent on from its error", "resume", halted(SHAPES.haltsUnseen), AFTER_RESUME, {
    at: "Over",
  }),
  acting("that an error paused", "cancel", halted(SHAPES.halts), CANCELLED),
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
  assigning,
  replaying("from the start", SHAPES.line, "completed", {}),
  replaying("with a key", SHAPES.line, "completed", {}, true),
  replaying("of the failed step", SHAPES.fails, "failed", { from: "failed-step" }),
];
