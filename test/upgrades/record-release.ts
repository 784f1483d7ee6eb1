import { setTimeout as delay } from "node:timers/promises";
import { DescribeStateMachineCommand, ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { JsonObject } from "../../shared/model/json/json.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import { BulkClient } from "../harness/clients/bulk-client.ts";
import { eventually } from "../harness/clients/client.ts";
import { FlowClient, stackTime } from "../harness/clients/flow-client.ts";
import { sdkConfig } from "../harness/ledger/stored-items.ts";
import type { TestStack } from "../harness/stack/test-stack.ts";
import { CATALOGUE } from "./catalogue.ts";
import { RawTable, textOf } from "./raw-table.ts";
import { Recorder, stackWith } from "./recording-stack.ts";
import type { RawItem, Release, Standing } from "./release.ts";

const PAYLOAD: JsonObject = { order: "A-1", items: [1, 2], until: "2026-01-01T00:00:00Z" };

/** Runs the whole catalogue with the current code, and records everything that a later release will find. */
export const recordRelease = async (name: string): Promise<Release> => {
  const recorder = new Recorder();
  const stack = await stackWith(recorder.wrap);
  const table = new RawTable(stack.url);
  try {
    recorder.of(table);
    const scenario = new Scenario(stack);
    await scenario.play();
    const items = await table.all();
    return {
      name,
      at: new Date(await stackTime(stack.admin)).toISOString(),
      machines: await machinesOf(stack.url),
      flows: flowsOf(items),
      items: items.filter((item) => !isOfEveryStack(item)),
      standing: scenario.standing,
      calls: recorder.calls,
    };
  } finally {
    table.close();
    await stack.close();
  }
};

/** Items that every stack has from its start. */
const isOfEveryStack = (item: RawItem): boolean =>
  textOf(item, "SK") === "WORKSPACE" || /^MEMBER#(viewer|operator|admin|member)$/.test(textOf(item, "SK"));

const flowsOf = (items: readonly RawItem[]): Release["flows"] =>
  items
    .filter((item) => textOf(item, "SK") === "FLOW")
    .map((item) => ({
      flowId: textOf(item, "flowId"),
      incarnation: textOf(item, "incarnation"),
      definition: CATALOGUE[textOf(item, "flowId")]?.definition ?? {},
    }));

const machinesOf = async (url: string): Promise<Record<string, JsonObject>> => {
  const client = new SFNClient(sdkConfig(url, "states"));
  try {
    const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({ maxResults: 1000 }));
    const texts = stateMachines.map(async ({ name = "", stateMachineArn }) => {
      const { definition = "{}" } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
      return [name, JSON.parse(definition) as JsonObject] as const;
    });
    return Object.fromEntries(await Promise.all(texts));
  } finally {
    client.destroy();
  }
};

/** Everything that may be in progress at the moment of an upgrade. */
class Scenario {
  readonly standing: Standing[] = [];
  readonly #stack: TestStack;
  constructor(stack: TestStack) {
    this.#stack = stack;
  }

  async play(): Promise<void> {
    await this.#furnish();
    await this.#timedHold();
    await this.#whatIsOver();
    await this.#bulk();
    await this.#whatStands();
    await this.#whatDied();
  }

  #flow(flowId: string): FlowClient {
    return new FlowClient(this.#stack.operator, flowId);
  }

  async #furnish(): Promise<void> {
    const { admin } = this.#stack;
    for (const [flowId, { definition, runAs }] of Object.entries(CATALOGUE)) {
      await admin.publish(flowId, definition, { name: flowId, description: "", runAs: runAs ?? "system" });
    }
    await admin.expect([201], "PUT", "/members/ann", { role: "operator", permissions: ["refund", "ship"] });
    await admin.expect([201], "PUT", "/members/bob", { role: "operator" });
    await admin.expect([200], "PUT", "/settings", { ownersMayResume: true, retentionDays: 30 });
    await admin.expect([200], "PUT", "/flows/access/caps", {
      throughput: { limit: 1_000, per: "day" },
      spend: { limit: 1_000, period: "month" },
    });
    const view = { name: "Failed orders", filter: { status: ["failed"], flowId: "steps" } };
    await admin.expect([200, 201], "PUT", "/views/mine", view);
    await admin.expect([200, 201], "PUT", "/views/ours", { ...view, shared: true });
  }

  /** The warning, the end and the following drain, by schedules alone. */
  async #timedHold(): Promise<void> {
    const { admin } = this.#stack;
    const flow = this.#flow("timed");
    const resumeAt = new Date((await stackTime(admin)) + 3 * 86_400_000).toISOString();
    await flow.pause({ reason: "stocktaking", resumeAt });
    await flow.dispatch(PAYLOAD);
    await admin.advance("P3DT2M");
    await flow.untilCensus({ completed: 1 });
  }

  async #run(flowId: string, more: JsonObject = {}, user?: string): Promise<Run> {
    const client = user === undefined ? this.#stack.operator : await this.#stack.as(user);
    return client.dispatch(flowId, { ...PAYLOAD, ...more });
  }
  async #until(run: Run, status: Run["status"]): Promise<Run> {
    return this.#stack.operator.untilStatus(run.runId, status);
  }
  /** A run in the middle of a function, which stays blocked. */
  async #inside(flowId: string, name: string, more: JsonObject = {}): Promise<Run> {
    const before = this.#stack.functions.count(name);
    this.#stack.functions.block(name);
    const run = await this.#run(flowId, more);
    await eventually(() => this.#stack.functions.count(name) > before || undefined);
    return run;
  }
  /** Paused in the middle of its first step, which then ends. */
  async #paused(flowId: string, more: JsonObject = {}): Promise<Run> {
    const { operator, functions } = this.#stack;
    const run = await this.#inside(flowId, "one", more);
    await operator.act(run.runId, "pause", { reason: "look at it" });
    functions.release("one");
    return operator.until(run.runId, ({ parkedAt }) => parkedAt !== undefined);
  }

  async #whatIsOver(): Promise<void> {
    const { admin, operator, functions } = this.#stack;
    for (const flowId of ["steps", "branches", "branches-jsonata", "deadline"]) {
      await this.#until(await this.#run(flowId), "completed");
    }
    await this.#until(await this.#run("branches", { stop: "Told.So" }), "failed");
    await this.#until(await this.#run("access", {}, "ann"), "completed");
    await this.#until(await this.#run("access", {}, "bob"), "completed");

    functions.fail("two", "Carrier.Down");
    await this.#until(await this.#run("steps", { keep: "failed" }), "failed");
    const failed = await this.#until(await this.#run("steps"), "failed");
    functions.mend("two");
    const replay = await operator.expect<Run>([202], "POST", `/runs/${failed.runId}/replay`, {
      from: "failed-step",
    });
    await this.#until(replay, "completed");

    const cancelled = await this.#paused("steps");
    await operator.act(cancelled.runId, "cancel", { reason: "not wanted" });
    const long = await this.#inside("steps", "two");
    for (let times = 0; times < 4; times += 1) {
      await operator.act(long.runId, "pause");
      await operator.act(long.runId, "resume");
    }
    functions.release("two");
    await this.#until(long, "completed");

    const keyed = await operator.call(
      "POST",
      "/flows/steps/runs",
      { payload: PAYLOAD },
      { "idempotency-key": "k" },
    );
    const keyedId = String(keyed.body["runId"]);
    await operator.untilStatus(keyedId, "completed");
    await admin.expect([204], "DELETE", `/runs/${keyedId}`);
    const records = [{ payload: PAYLOAD, idempotencyKey: "r" }];
    await operator.call("POST", "/flows/steps/runs/batch", { records }, { "idempotency-key": "b" });
    await this.#flow("steps").until(({ inFlight }) => inFlight === 0);
  }

  async #bulk(): Promise<void> {
    const bulk = new BulkClient(this.#stack.operator);
    await bulk.run({ action: "pause", filter: { status: ["completed"], flowId: "steps" }, reason: "no use" });
  }

  async #stand(role: string, run: Run, state: string, more: JsonObject = {}): Promise<void> {
    const { executionArn = "" } = await this.#stack.operator.run(run.runId);
    const machine = executionArn.split(":").at(6) ?? "";
    this.standing.push({ role, runId: run.runId, machine, state, input: { ...PAYLOAD, ...more } });
  }

  async #whatStands(): Promise<void> {
    const { operator, functions } = this.#stack;
    await this.#stand("paused", await this.#paused("steps"), "Sluice gate - two");
    await this.#stand("paused with a deadline", await this.#paused("deadline"), "Sluice gate - two");

    // Paused while both branches are in progress, so that each parks by itself.
    const before = functions.count("left");
    functions.block("left");
    const fan = await this.#inside("branches", "right");
    await eventually(() => functions.count("left") > before || undefined);
    await operator.act(fan.runId, "pause");
    functions.release("right");
    functions.release("left");
    await operator.until(fan.runId, ({ parkedAt }) => parkedAt !== undefined);
    await this.#stand("paused in a branch", fan, "Fan");

    const approve = await this.#run("people");
    await this.#until(approve, "waiting");
    await this.#stand("waits for an approval", approve, "Sluice gate - Approve");
    const form = await this.#run("people");
    const { waitingOn } = await this.#until(form, "waiting");
    const answer = { decision: "approved", comment: "well" };
    await operator.expect([200], "POST", `/runs/${form.runId}/steps/${waitingOn?.stepId}/complete`, answer);
    await operator.until(form.runId, (run) => run.waitingOn?.kind === "form");
    await this.#stand("waits for a form", form, "Sluice gate - Form");
    const each = await this.#run("people-jsonata");
    await eventually(async () => (await operator.steps(each.runId)).length === 3 || undefined);
    await this.#stand("waits for two approvals in a Map", each, "Sluice gate - Each");
    const callback = await this.#run("callback");
    await eventually(() => functions.count("ask") === 1 || undefined);
    await this.#stand("waits for a callback", callback, "Ask");
    const wait = await this.#run("delay");
    await this.#until(wait, "waiting");
    await this.#stand("waits for three days", wait, "Wait");

    const held = await this.#inside("held", "one");
    await this.#flow("held").pause({ reason: "price list" });
    functions.release("one");
    await this.#until(held, "paused");
    await this.#stand("held by its flow", held, "Sluice gate - two");
    await this.#flow("held").dispatchAll([PAYLOAD, PAYLOAD]);

    await this.#stand("in a function", await this.#inside("slow", "slow"), "slow");
  }

  /**
   * Each of these has written its intent and died before the call that it was for, because the next service does not answer.
   */
  async #whatDied(): Promise<void> {
    const { admin, operator } = this.#stack;
    const without = async (operation: string, work: () => Promise<unknown>): Promise<void> => {
      await admin.expect([200, 201, 204], "POST", "/local/faults", {
        service: "states",
        operation,
        when: "before",
      });
      await work();
      await admin.expect([200, 204], "DELETE", "/local/faults");
    };
    const resumed = await this.#paused("deadline");
    await this.#stand("resumed, not woken", resumed, "Sluice gate - two");
    const draining = await this.#inside("draining", "one");
    await this.#flow("draining").pause();
    this.#stack.functions.release("one");
    await this.#until(draining, "paused");
    await this.#stand("to be drained", draining, "Sluice gate - two");
    await this.#flow("draining").dispatchAll([PAYLOAD, PAYLOAD]);
    const answered = await this.#run("people");
    const { waitingOn } = await this.#until(answered, "waiting");
    await this.#stand("answered, not told", answered, "Sluice gate - Approve");
    const cancelled = await this.#inside("slow", "slow");
    await this.#stand("cancelled, not stopped", cancelled, "slow");

    await without("SendTaskSuccess", async () => {
      await operator.act(resumed.runId, "resume");
      const path = `/runs/${answered.runId}/steps/${waitingOn?.stepId}/complete`;
      await operator.call("POST", path, { decision: "approved" });
    });
    await without("StartExecution", async () => {
      await this.#flow("draining").resume({ reason: "again" });
      await this.#run("steps", { role: "dispatched, not started" });
      await new BulkClient(operator).start({ action: "replay", filter: { status: ["failed"] } });
    });
    await without("StopExecution", () => operator.act(cancelled.runId, "cancel"));
    await delay(100); // background work after the last answers
  }
}
