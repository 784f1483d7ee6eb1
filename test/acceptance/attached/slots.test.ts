import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { runOf, Team } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("an attached flow with a concurrency limit", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    team = new Team(stack.url);
  });
  afterAll(() => stack.close());

  it("lets executions of others wait at their first gate until they have a slot of their key", async () => {
    const machine = await team.create("orders", chain({ one: task("one"), two: task("two") }));
    await stack.admin.expect([200], "POST", "/flows/orders/attach", { stateMachineArn: machine.arn });
    const concurrency = { limit: 1, key: "$.customer" };
    await stack.admin.expect([200], "PUT", "/flows/orders/caps", { concurrency });
    stack.functions.block("one");
    const first = await machine.start({ customer: "ann", n: 1 });
    const holder = await runOf(stack.admin, first);
    await stack.admin.untilStatus(holder.runId, "running");
    const second = await machine.start({ customer: "ann", n: 2 });
    const third = await machine.start({ customer: "bea", n: 3 });
    const waits = await runOf(stack.admin, second);
    await stack.admin.untilStatus((await runOf(stack.admin, third)).runId, "running");
    const waiting = await stack.admin.until(waits.runId, ({ queued }) => queued);
    expect(waiting).toMatchObject({ status: "pending", queuedFor: "concurrency", executionArn: second });
    expect(await stack.admin.expect([200], "GET", "/flows/orders/slots")).toMatchObject({
      ...{ limit: 1, used: 2, waiting: 1 },
      keys: [
        { key: "ann", used: 1, waiting: 1 },
        { key: "bea", used: 1, waiting: 0 },
      ],
    });
    expect((await stack.admin.act(waits.runId, "pause")).status).toBe(200);
    expect((await stack.admin.act(waits.runId, "resume")).body).toMatchObject({ status: "pending" });
    stack.functions.release("one");
    for (const { runId } of [holder, waits]) await stack.admin.untilStatus(runId, "completed");
    const ends = await stack.admin.audit(holder.runId);
    const begins = await stack.admin.audit(waits.runId);
    const ended = ends.find(({ action }) => action === "complete")?.at ?? "";
    const began = begins.find(({ action }) => action === "begin")?.at ?? "";
    expect(began >= ended).toBe(true);
  });

  it("ends a waiting execution that is cancelled, and frees nothing by it", async () => {
    const machine = await team.create("cancelled", chain({ one: task("one") }));
    await stack.admin.expect([200], "POST", "/flows/cancelled/attach", { stateMachineArn: machine.arn });
    await stack.admin.expect([200], "PUT", "/flows/cancelled/caps", { concurrency: { limit: 1 } });
    stack.functions.block("one");
    const holder = await runOf(stack.admin, await machine.start({}));
    await stack.admin.untilStatus(holder.runId, "running");
    const execution = await machine.start({});
    const waits = await runOf(stack.admin, execution);
    await stack.admin.until(waits.runId, ({ queued }) => queued);
    expect((await stack.admin.act(waits.runId, "cancel")).status).toBe(200);
    expect((await machine.ended(execution)).status).toBe("ABORTED");
    stack.functions.release("one");
    await stack.admin.untilStatus(holder.runId, "completed");
    await eventually(async () => {
      const { used, waiting } = (await stack.admin.expect([200], "GET", "/flows/cancelled/slots")) as Record<
        string,
        number
      >;
      return (used === 0 && waiting === 0) || undefined;
    });
  });
});
