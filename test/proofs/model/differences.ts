import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { Answer } from "../../harness/clients/client.ts";
import { payloadOf, stateName } from "../harness/flow-shapes.ts";
import type { Seen } from "./api-driver.ts";
import { ALLOWED, type Expected } from "./run-outcomes.ts";
import { slotHolders, waitingRuns } from "./slots.ts";
import {
  HOLDS,
  isHeld,
  liveRuns,
  type Model,
  type ModelFlow,
  type ModelRun,
  waitsForSlot,
  waitsInQueue,
} from "./state.ts";

/**
 * Lists the differences between the model and the API.
 * @param exact whether counters must be right: no fault has struck so far
 */
export const differencesOf = (
  model: Model,
  { runs, flows, triggers, slots, begun }: Seen,
  exact: boolean,
): string[] => {
  const wrong = wrongCalls(model, begun);
  const live = liveRuns(model);
  for (const run of live) {
    const seen = runs.find(({ runId }) => runId === run.runId);
    if (seen === undefined) wrong.push(`${run.name} is missing; it should be ${run.status}`);
    else wrong.push(...compare(run.name, expectedRun(run), shownRun(seen)));
  }
  for (const { runId, status } of runs) {
    if (!live.some((run) => run.runId === runId))
      wrong.push(`the run ${runId} should not exist, but is ${status}`);
  }
  if (flows === undefined) return wrong;
  for (const flow of Object.values(model.flows)) {
    const seen = flows.find(({ flowId }) => flowId === flow.flowId);
    if (flow.exists !== (seen !== undefined))
      wrong.push(`the flow ${flow.flowId} exists: ${seen !== undefined}`);
    if (!flow.exists || seen === undefined) continue;
    wrong.push(...compare(flow.flowId, expectedFlow(flow), shownFlow(seen)));
    wrong.push(
      ...compare(`the trigger of ${flow.flowId}`, expectedTrigger(flow), shownTrigger(triggers, flow)),
    );
    if (flow.limit !== undefined)
      wrong.push(
        ...compare(`the slots of ${flow.flowId}`, expectedSlots(model, flow), shownSlots(slots, flow)),
      );
    const queued = live.filter((run) => run.flowId === flow.flowId && waitsInQueue(run) && !run.waits).length;
    if (exact && seen.queued !== queued)
      wrong.push(`${flow.flowId} counts ${seen.queued} queued, not ${queued}`);
  }
  return wrong;
};

/** Each step begins once per visit of a run. A step whose sibling failed may never begin. */
const wrongCalls = ({ calls, perhaps }: Model, begun: Seen["begun"]): string[] =>
  [...new Set([...begun.keys(), ...Object.keys(calls), ...Object.keys(perhaps)])].flatMap((key) => {
    const times = begun.get(key) ?? 0;
    const most = (calls[key] ?? 0) + (perhaps[key] ? 1 : 0);
    const right = perhaps[key] ? times <= most : times === most;
    return right ? [] : [`the step "${key}" began ${times} times, not ${most}`];
  });

const compare = (name: string, expected: JsonObject, seen: JsonObject): string[] =>
  JSON.stringify(expected) === JSON.stringify(seen)
    ? []
    : [`${name} should be ${JSON.stringify(expected)}, but is ${JSON.stringify(seen)}`];

const expectedRun = (run: ModelRun): JsonObject => ({
  status: run.status,
  version: run.version,
  queued: waitsInQueue(run),
  queuedFor: waitsForSlot(run) ? "concurrency" : null,
  pausedBy: run.status === "paused" ? (run.halted ? "error" : run.userPaused ? "user" : "flow") : null,
  waitingOn: run.status !== "waiting" ? null : run.inside?.kind === "approval" ? "approval" : "delay",
  allowed: [...ALLOWED[run.status]],
  pauseBefore: run.pauseBefore === undefined ? null : stateName(run.pauseBefore),
  stepsLeft: run.stepsLeft ?? null,
});
const shownRun = (run: Run): JsonObject => ({
  status: run.status,
  version: run.flowVersion,
  queued: run.queued,
  queuedFor: run.queuedFor ?? null,
  pausedBy: run.pausedBy?.kind ?? null,
  waitingOn: run.waitingOn?.kind ?? null,
  allowed: run.allowedActions,
  pauseBefore: run.pauseBefore ?? null,
  stepsLeft: run.stepsLeft ?? null,
});

const expectedFlow = (flow: ModelFlow): JsonObject => ({
  status: isHeldByCap(flow) ? "paused_safety" : isHeld(flow) ? "paused" : "active",
  holds: HOLDS.filter((kind) => flow.holds[kind] !== undefined),
  steps: flow.stepHolds.map(({ at }) => stateName(at)).sort(),
  partly: flow.stepHolds.length > 0,
  version: flow.version,
  mode: flow.holds.manual !== undefined && flow.finishUntil !== undefined ? "finish" : flow.mode,
  planned: flow.plan === undefined ? null : flow.plan.at === undefined ? "all" : stateName(flow.plan.at),
  canary: flow.canary !== undefined,
  cap: flow.cap ?? null,
  limit: flow.limit?.most ?? null,
  limitHasKey: flow.limit?.byDigit ?? false,
  errorCap: flow.errorCap,
  onFailure: flow.holdsFailures ? "pause" : "fail",
});
const isHeldByCap = ({ holds }: ModelFlow): boolean =>
  holds.throughput !== undefined || holds.errors !== undefined;
const shownFlow = (flow: Flow): JsonObject => ({
  status: flow.status,
  holds: flow.holds.flatMap(({ kind, steps }) => (steps === undefined ? [kind] : [])).sort(),
  steps: flow.holds.flatMap(({ steps = [] }) => steps).sort(),
  partly: flow.partlyHeld === true,
  version: flow.version,
  mode: flow.mode,
  planned: flow.scheduledPause === undefined ? null : (flow.scheduledPause.steps?.join() ?? "all"),
  canary: flow.canary?.state === "running",
  cap: flow.caps.throughput?.limit ?? null,
  limit: flow.caps.concurrency?.limit ?? null,
  limitHasKey: flow.caps.concurrency?.key !== undefined,
  errorCap: flow.caps.errors !== undefined,
  onFailure: flow.onFailure,
});

const expectedTrigger = ({ trigger }: ModelFlow): JsonObject => ({
  trigger: trigger === undefined ? null : [trigger.whileHeld, trigger.enabled, payloadOf(trigger.record)],
});
const shownTrigger = (triggers: Seen["triggers"], { flowId }: ModelFlow): JsonObject => {
  const [seen] = triggers[flowId] ?? [];
  return { trigger: seen === undefined ? null : [seen.whileHeld, seen.enabled, seen.payload] };
};

const expectedSlots = (model: Model, flow: ModelFlow): JsonObject => {
  const holders = slotHolders(model, flow);
  const paused = holders.filter(({ status }) => status === "paused").length;
  return { used: holders.length, paused, waiting: waitingRuns(model, flow).length };
};
const shownSlots = (slots: Seen["slots"], { flowId }: ModelFlow): JsonObject => {
  const { used = -1, paused = -1, waiting = -1 } = slots.get(flowId) ?? {};
  return { used, paused, waiting };
};

/**
 * Describes how an answer differs from the expected one, if it does.
 * @param excused whether a fault may have turned it into a server error
 */
export const answerDifference = (
  expected: Expected,
  { status, body }: Answer,
  excused: boolean,
): string | undefined => {
  const actual = `${status} ${JSON.stringify(body).slice(0, 300)}`;
  if (excused && status >= 500) return undefined;
  if (status !== expected.status)
    return `answered ${actual} instead of ${expected.status} ${expected.code ?? ""}`;
  if (expected.code !== undefined && body["code"] !== expected.code) {
    return `answered ${actual} instead of ${expected.code}`;
  }
  if (expected.run !== undefined && !expected.run.includes(String(body["status"]))) {
    return `answered a run that is ${body["status"]} instead of ${expected.run.join(" or ")}`;
  }
  const results = body["results"] as { status: number }[] | undefined;
  const wrong = expected.results?.findIndex(({ status: each }, index) => {
    const got = results?.[index]?.status ?? 0;
    return got !== each && !(excused && got >= 500);
  });
  if (wrong !== undefined && wrong >= 0) return `answered ${actual}, where record ${wrong} should differ`;
  return undefined;
};
