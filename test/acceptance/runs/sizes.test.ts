import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { ParkStore } from "../../../shared/store/runs/parks.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import { Table } from "../../../shared/store/table.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain } from "../../harness/definitions.ts";
import { allItems, leftovers, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const LIMIT = 262_144;
/** Receives the whole payload and returns little. */
const small = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "work", Payload: { "size.$": "States.ArrayLength(States.Array($))" } },
  ResultPath: null,
};
/** A JSON text of exactly `bytes` bytes: a string of two-byte characters, with an ASCII character if the number is odd. */
const payloadOf = (bytes: number): string => {
  const room = bytes - 2;
  return "ä".repeat(Math.floor(room / 2)) + "x".repeat(room % 2);
};

/** For 5,000: `PARKS=5000 npx vitest run test/acceptance/runs/sizes.test.ts`. */
const PARKS = Number(process.env["PARKS"] ?? 200);

describe("a payload at the limit", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work", "ask");
    await stack.admin.publish("quick", chain({ Done: { Type: "Pass" } }));
    const Parameters = { FunctionName: "ask", Payload: { "taskToken.$": "$$.Task.Token" } };
    const Resource = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    await stack.admin.publish("callback", chain({ Ask: { Type: "Task", Resource, Parameters } }));
    await stack.admin.publish(
      "big",
      chain({
        work: small,
        Fan: {
          Type: "Parallel",
          Branches: [chain({ inner: small })],
          ResultPath: null,
        },
        Wait: { Type: "Wait", Seconds: 1 },
        again: small,
      }),
    );
  });
  afterAll(() => stack.close());

  it("race 23: of one byte less than 256 KiB, multibyte, passes every gate and is returned intact", async () => {
    const payload = payloadOf(LIMIT - 1);
    expect(Buffer.byteLength(JSON.stringify(payload))).toBe(LIMIT - 1);
    const run = await stack.operator.dispatch("big", payload);
    await stack.operator.untilStatus(run.runId, "waiting");
    await stack.admin.advance("PT2S");
    const done = await stack.operator.untilStatus(run.runId, "completed");
    expect(done.payload === payload).toBe(true);
    expect(done.output === payload).toBe(true);
    const steps = await stack.operator.steps(run.runId);
    expect(steps.map((step) => [step.name, step.status])).toEqual([
      ["work", "completed"],
      ["Fan", "completed"],
      ["inner", "completed"],
      ["Wait", "completed"],
      ["again", "completed"],
    ]);
    expect(steps[0]?.input).toEqual({ truncated: true, size: LIMIT - 1 });
    const single = await stack.operator.call("GET", `/runs/${run.runId}/steps/${steps[4]?.stepId}`);
    expect(single.body["input"] === payload).toBe(true);
    expect(single.body["output"] === payload).toBe(true);
  });

  it("of exactly 256 KiB is legal too", async () => {
    const run = await stack.operator.dispatch("big", payloadOf(LIMIT));
    await stack.operator.untilStatus(run.runId, "waiting");
    await stack.admin.advance("PT2S");
    expect((await stack.operator.untilStatus(run.runId, "completed")).output === payloadOf(LIMIT)).toBe(true);
  });

  it("of one byte more is refused before anything is written, alone, in a batch and in a replay", async () => {
    const { operator } = stack;
    const run = await operator.dispatch("quick", 1);
    await operator.untilStatus(run.runId, "completed");
    const before = (await allItems(stack.url)).length;
    const payload = payloadOf(LIMIT + 1);
    const answer = await operator.call("POST", "/flows/big/runs", { payload });
    expect([answer.status, answer.body["code"]]).toEqual([413, "payload_too_large"]);
    const replay = await operator.call("POST", `/runs/${run.runId}/replay`, { payload });
    expect([replay.status, replay.body["code"]]).toEqual([413, "payload_too_large"]);
    expect((await allItems(stack.url)).length).toBe(before);

    const records = [{ payload: 1 }, { payload }, { payload: payloadOf(LIMIT) }];
    const batch = await operator.expect<{ results: { status: number; run?: Run; error?: JsonObject }[] }>(
      [200],
      "POST",
      "/flows/quick/runs/batch",
      { records },
    );
    expect(batch.results.map(({ status, error }) => [status, error?.["code"]])).toEqual([
      [202, undefined],
      [413, "payload_too_large"],
      [202, undefined],
    ]);
    for (const { run } of batch.results)
      if (run !== undefined) await operator.untilStatus(run.runId, "completed");
  });

  it("as a callback's answer may have 256 KiB; Step Functions refuses one byte more", async () => {
    const { operator, functions } = stack;
    const states = new SFNClient(sdkConfig(stack.url, "states"));
    try {
      const run = await operator.dispatch("callback", {});
      await eventually(() => functions.count("ask") === 1 || undefined);
      const [asked] = functions.calls("ask").map(({ event }) => event as { taskToken: string });
      const taskToken = asked?.taskToken;
      const send = (output: string) =>
        states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
      await expect(send(payloadOf(LIMIT + 1))).rejects.toThrow();
      await send(payloadOf(LIMIT));
      const { output } = await operator.untilStatus(run.runId, "completed");
      expect(output === payloadOf(LIMIT)).toBe(true);
    } finally {
      states.destroy();
    }
  });
});

describe("a run with as many parks as a Map allows iterations", { timeout: 300_000 }, () => {
  it("is resumed with a constant number of calls for each park", async () => {
    const stack = await testStack("work");
    const { operator } = stack;
    const table = new DynamoDBClient(sdkConfig(stack.url, "dynamodb"));
    try {
      await stack.admin.publish(
        "parked",
        chain({ work: { ...small, Parameters: { FunctionName: "work" } } }),
      );
      stack.functions.block("work");
      const { runId } = await operator.dispatch("parked", {});
      await eventually(() => stack.functions.count("work") === 1 || undefined);
      expect((await operator.act(runId, "pause")).status).toBe(200);
      const [TableName = ""] = (await table.send(new ListTablesCommand({}))).TableNames ?? [];
      const store = new ParkStore(new Table(table, TableName));
      const runs = new RunStore(new Table(table, TableName));
      const item = (await allItems(stack.url)).find(({ SK }) => SK === "FLOW");
      const incarnation = String(item?.["incarnation"]);
      const owner = { workspace: "demo", flowId: "parked", incarnation, runId };
      // A park handler does this first.
      expect(await runs.announcePark((await runs.get("demo", runId)) as RunItem)).toMatchObject({ ok: true });
      for (let i = 0; i < PARKS; i += 1) {
        const at = "2026-01-01T00:00:00.000Z";
        const place = { state: "work", path: `Each[${i}]`, entered: at, parkedAt: at };
        await store.put(owner, { runId, token: `spent-${i}`, holder: "user", ...place });
      }
      await stack.admin.expect([200], "DELETE", "/local/usage");
      expect((await operator.act(runId, "resume")).status).toBe(200);
      const usage = await stack.admin.expect<UsageReport>([200], "GET", "/local/usage");
      expect(usage.stepFunctions["SendTaskSuccess"]).toBe(PARKS);
      expect(usage.dynamodb.calls).toBeLessThan(PARKS * 1.1 + 20);
      expect(await leftovers(stack.url)).toEqual([]);
      stack.functions.release("work");
      await operator.untilStatus(runId, "completed");
    } finally {
      table.destroy();
      await stack.close();
    }
  });
});
