import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { BulkClient } from "../../support/bulk-client.ts";
import { type Answer, Client, tokenFor } from "../../support/client.ts";
import type { ProofStack } from "../harness/proof-stack.ts";
import type { Breaker } from "./breaker.ts";
import { type Action, FLOWS } from "./command.ts";
import { ALLOWED, type Expected, keyName, recordId } from "./outcome.ts";
import { runAt, versionBack } from "./outcomes.ts";
import { HOUR_MS, normal, payloadOf } from "./progress.ts";
import { definitionOf, SHAPES, stateName } from "./shapes.ts";
import {
  callKey,
  isHeld,
  liveRuns,
  type Model,
  type ModelFlow,
  type ModelRun,
  waitsInQueue,
} from "./state.ts";

/** What the API shows at one moment. */
export interface Seen {
  readonly runs: readonly Run[];
  /** Undefined: they were not looked at. */
  readonly flows: readonly Flow[] | undefined;
  /** How often each step began, as the users' functions have written it down. */
  readonly begun: ReadonlyMap<string, number>;
}

/** A workspace of its own on the shared stack, where one sequence is played. */
export class World {
  readonly stack: ProofStack;
  readonly breaker: Breaker;
  readonly admin: Client;
  readonly bulks: BulkClient;
  /** What each run was given, read once. */
  readonly #payloads = new Map<string, string>();
  #published = 0;

  private constructor(stack: ProofStack, breaker: Breaker, admin: Client) {
    this.stack = stack;
    this.breaker = breaker;
    this.admin = admin;
    this.bulks = new BulkClient(admin);
  }

  static async make(stack: ProofStack, breaker: Breaker, workspace: string): Promise<World> {
    const platform = await stack.as("platform");
    await platform.expect([200, 201], "PUT", `/v1/workspaces/${workspace}`, { admins: ["admin"] });
    const token = await tokenFor(stack.url, { user: "admin" });
    return new World(stack, breaker, new Client(stack.url, token, workspace));
  }

  /** Does what the command says; undefined where it is no request. */
  async perform(model: Model, action: Action): Promise<Answer | undefined> {
    const { admin, stack } = this;
    const { functions } = stack;
    const flow = "flow" in action ? `/flows/${action.flow}` : "";
    const asked = "run" in action ? runAt(model, action.run) : undefined;
    const run = `/runs/${asked?.runId ?? "00000000-0000-7000-8000-000000000000"}`;
    switch (action.do) {
      case "publish": {
        this.#published += 1;
        const shape = SHAPES[action.shape];
        if (shape === undefined) throw new Error(`No shape ${action.shape}`);
        return admin.call("PUT", flow, { definition: definitionOf(shape, `text ${this.#published}`) });
      }
      case "activate": {
        const known = model.flows[action.flow];
        const version = known?.exists ? versionBack(known, action.back) : 1;
        return admin.call("POST", `${flow}/versions/${version}/activate`, {});
      }
      case "dispatch": {
        const key = action.key === undefined ? undefined : keyName(action.flow, action.key);
        const payload = payloadOf(recordId(`r${model.made + 1}`, key, action.body));
        return admin.call(
          "POST",
          `${flow}/runs`,
          { payload },
          key === undefined ? {} : { "idempotency-key": key },
        );
      }
      case "batch": {
        const records = Array.from({ length: action.size }, (_, i) => ({
          payload: payloadOf(`r${model.made + 1 + i}`),
        }));
        return admin.call("POST", `${flow}/runs/batch`, { records });
      }
      case "pause flow": {
        const { mode, hours } = action;
        const resumeAt =
          hours === undefined ? {} : { resumeAt: new Date(stack.now() + hours * HOUR_MS).toISOString() };
        return admin.call("POST", `${flow}/pause`, { mode, ...resumeAt });
      }
      case "resume flow": {
        const { rate: drainRate, holds } = action;
        return admin.call("POST", `${flow}/resume`, { drainRate, ...(holds === undefined ? {} : { holds }) });
      }
      case "cap": {
        const throughput = action.limit === null ? null : { limit: action.limit, per: "day" };
        return admin.call("PUT", `${flow}/caps`, { throughput });
      }
      case "delete flow":
        return admin.call("DELETE", flow);
      case "pause":
      case "resume":
      case "cancel": {
        const rev = action.match === "stale" ? (asked?.rev ?? 1) - 1 : asked?.rev;
        const headers: Record<string, string> =
          action.match === undefined || rev === undefined ? {} : { "if-match": `"${rev}"` };
        return admin.call("POST", `${run}/${action.do}`, {}, headers);
      }
      case "delete run":
        return admin.call("DELETE", run);
      case "replay": {
        const from = typeof action.from === "number" ? stateName(action.from) : action.from;
        return admin.call("POST", `${run}/replay`, { from });
      }
      case "answer": {
        const step = asked?.stepId ?? "none";
        return admin.call("POST", `${run}/steps/${step}/complete`, { decision: action.decision });
      }
      case "bulk": {
        const { action: what, flow: flowId, status } = action;
        const filter = { flowId, ...(status === undefined ? {} : { status: [status] }) };
        return admin.call("POST", "/bulk-operations", { action: what, filter });
      }
      case "block":
        functions.block(action.fn);
        return undefined;
      case "release":
        functions.release(action.fn);
        return undefined;
      case "break":
        functions.fail(action.fn, "Oh");
        return undefined;
      case "mend":
        functions.mend(action.fn);
        return undefined;
      case "move the clock":
        await admin.advance(action.by);
        return undefined;
      case "sweep":
        await stack.invoke("sluice-sweep", {});
        return undefined;
      case "redeliver": {
        const event = this.breaker.event(action.nth);
        if (event !== undefined) await stack.invoke(event.functionName, event.event);
        return undefined;
      }
    }
  }

  /** The end of the bulk operation that was answered. One whose answer was lost may have been taken, and is waited for too. */
  async endOfBulk(answered: Answer | undefined): Promise<Bulk | undefined> {
    if (answered?.status === 202) return this.#endOf(String(answered.body["bulkId"]));
    const taken = (answered?.status ?? 0) >= 500 ? await this.bulks.list() : [];
    for (const { bulkId, endedAt } of taken) if (endedAt === undefined) await this.#endOf(bulkId);
    return undefined;
  }

  /** The clock is moved as far as it needs. */
  async #endOf(bulkId: string): Promise<Bulk> {
    for (let tries = 0; ; tries += 1) {
      const bulk = await this.bulks.now(bulkId);
      if (bulk.endedAt !== undefined || tries === 20) return bulk;
      await this.admin.advance("PT20S");
    }
  }

  async look(flowsToo: boolean): Promise<Seen> {
    // By flow: a list of all runs is merged of five times as many queries.
    const [runs, flows] = await Promise.all([
      Promise.all(FLOWS.map((flow) => this.bulks.runs({ flowId: flow }))),
      flowsToo ? this.admin.flows() : undefined,
    ]);
    return { runs: runs.flat(), flows, begun: this.#begun() };
  }

  #begun(): Map<string, number> {
    const begun = new Map<string, number>();
    for (const { name, at, event } of this.stack.functions.calls()) {
      const key = callKey(name, event);
      if (at === "begin") begun.set(key, (begun.get(key) ?? 0) + 1);
    }
    return begun;
  }

  /** Gives the model's runs the ids of those that are seen for the first time: each knows its record by what it was given. */
  async bind(model: Model, { runs }: Seen): Promise<void> {
    const live = liveRuns(model);
    const known = new Set(live.map(({ runId }) => runId));
    for (const run of runs.toReversed()) {
      const ours = known.has(run.runId)
        ? live.find(({ runId }) => runId === run.runId)
        : await this.#ours(model, live, run);
      if (ours === undefined) continue;
      ours.runId = run.runId;
      ours.rev = run.rev;
      if (run.waitingOn?.kind === "approval") ours.stepId = run.waitingOn.stepId;
    }
  }

  async #ours(model: Model, live: readonly ModelRun[], run: Run): Promise<ModelRun | undefined> {
    const given =
      this.#payloads.get(run.runId) ??
      JSON.stringify(normal((await this.admin.run(run.runId)).payload ?? null));
    this.#payloads.set(run.runId, given);
    return live.find(
      (ours) =>
        ours.runId === undefined &&
        ours.flowId === run.flowId &&
        (ours.replayOf === undefined ? undefined : model.runs[ours.replayOf]?.runId) === run.replayOf &&
        JSON.stringify(normal(ours.payload)) === given,
    );
  }
}

/** What the model expects and the API does not show. `exact`: nothing has gone wrong so far that counters may lag behind. */
export const differences = (model: Model, { runs, flows, begun }: Seen, exact: boolean): string[] => {
  const wrong = wrongCalls(model, begun);
  const live = liveRuns(model);
  for (const run of live) {
    const seen = runs.find(({ runId }) => runId === run.runId);
    if (seen === undefined) wrong.push(`${run.name} is missing: it should be ${run.status}`);
    else wrong.push(...compare(run.name, expectedRun(run), shownRun(seen)));
  }
  for (const { runId, status } of runs) {
    if (!live.some((run) => run.runId === runId))
      wrong.push(`run ${runId} should not be there, and is ${status}`);
  }
  if (flows === undefined) return wrong;
  for (const flow of Object.values(model.flows)) {
    const seen = flows.find(({ flowId }) => flowId === flow.flowId);
    if (flow.exists !== (seen !== undefined))
      wrong.push(`the flow ${flow.flowId} exists: ${seen !== undefined}`);
    if (!flow.exists || seen === undefined) continue;
    wrong.push(...compare(flow.flowId, expectedFlow(flow), shownFlow(seen)));
    const queued = live.filter((run) => run.flowId === flow.flowId && waitsInQueue(run)).length;
    if (exact && seen.queued !== queued)
      wrong.push(`${flow.flowId} counts ${seen.queued} queued, not ${queued}`);
  }
  return wrong;
};

/** Each step begins once for each time that a run comes to it; one whose sibling failed may never have. */
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
    : [`${name} should be ${JSON.stringify(expected)}, and is ${JSON.stringify(seen)}`];

const expectedRun = (run: ModelRun): JsonObject => ({
  status: run.status,
  version: run.version,
  queued: waitsInQueue(run),
  pausedBy: run.status === "paused" ? (run.userPaused ? "user" : "flow") : null,
  waitingOn: run.status !== "waiting" ? null : run.inside?.kind === "approval" ? "approval" : "delay",
  allowed: [...ALLOWED[run.status]],
});
const shownRun = (run: Run): JsonObject => ({
  status: run.status,
  version: run.flowVersion,
  queued: run.queued,
  pausedBy: run.pausedBy?.kind ?? null,
  waitingOn: run.waitingOn?.kind ?? null,
  allowed: run.allowedActions,
});

const expectedFlow = (flow: ModelFlow): JsonObject => ({
  status: flow.holds.throughput !== undefined ? "paused_safety" : isHeld(flow) ? "paused" : "active",
  holds: (["manual", "throughput"] as const).filter((kind) => flow.holds[kind] !== undefined),
  version: flow.version,
  mode: flow.mode,
  cap: flow.cap ?? null,
});
const shownFlow = (flow: Flow): JsonObject => ({
  status: flow.status,
  holds: flow.holds.map(({ kind }) => kind).sort(),
  version: flow.version,
  mode: flow.mode,
  cap: flow.caps.throughput?.limit ?? null,
});

/** Whether the answer is the one expected; `excused`: a fault may have made it the server's error. */
export const answerDiffers = (
  expected: Expected,
  { status, body }: Answer,
  excused: boolean,
): string | undefined => {
  const told = `${status} ${JSON.stringify(body).slice(0, 300)}`;
  if (excused && status >= 500) return undefined;
  if (status !== expected.status)
    return `answered ${told} instead of ${expected.status} ${expected.code ?? ""}`;
  if (expected.code !== undefined && body["code"] !== expected.code) {
    return `answered ${told} instead of ${expected.code}`;
  }
  if (expected.run !== undefined && !expected.run.includes(String(body["status"]))) {
    return `answered a run that is ${body["status"]} instead of ${expected.run.join(" or ")}`;
  }
  const results = body["results"] as { status: number }[] | undefined;
  const wrong = expected.results?.findIndex(({ status: each }, index) => {
    const got = results?.[index]?.status ?? 0;
    return got !== each && !(excused && got >= 500);
  });
  if (wrong !== undefined && wrong >= 0) return `answered ${told}, where record ${wrong} should differ`;
  return undefined;
};
