/**
 * Parks so many runs under one held flow, some of them with executions that really wait, and resumes it: what the drain calls for each,
 * how long its batches take, what it costs in memory. Then one tick of the sweeper with as many overdue runs. Once for each number.
 *
 *     npm run bench:parks -- 1000 100000
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { paginateGetExecutionHistory, SFNClient } from "@aws-sdk/client-sfn";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { UsageReport } from "../../local/metering/usage.ts";
import { newRun } from "../../shared/domain/dispatch/new-run.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { ParkStore } from "../../shared/store/runs/parks.ts";
import { newItem } from "../../shared/store/runs/stored-run.ts";
import type { Table } from "../../shared/store/table.ts";
import type { Client } from "../harness/clients/client.ts";
import { FlowClient, stackTime } from "../harness/clients/flow-client.ts";
import { HoldObserver } from "../harness/ledger/hold-observer.ts";
import { allItems, sdkConfig } from "../harness/ledger/stored-items.ts";
import { benchStack, residentMemory, sizesOr } from "./bench-stack.ts";

const FLOW = "bench";
/** Runs whose executions wait at their gates. */
const REAL = 50;
const WRITERS = 4;
const BATCH = 25;
const LOOK_MS = 5_000;
const note = (text: string): void => void process.stderr.write(`${text}\n`);

for (const size of sizesOr(1_000, 100_000)) await measure(size);

async function measure(size: number): Promise<void> {
  const { admin, process: stack, close } = await benchStack();
  const seen = new HoldObserver(stack.url);
  const dynamodb = new DynamoDBClient(sdkConfig(stack.url, "dynamodb"));
  const lambda = new LambdaClient(sdkConfig(stack.url, "lambda"));
  try {
    const wait = (Seconds: number, more: object) => ({ Type: "Wait", Seconds, ...more });
    const States = { First: wait(3_600, { Next: "Second" }), Second: wait(1, { End: true }) };
    await admin.publish(FLOW, { StartAt: "First", States });
    const flow = new FlowClient(admin, FLOW);
    const usage = () => admin.expect<UsageReport>([200], "GET", "/local/usage");
    await flow.dispatchAll(Array.from({ length: REAL }, (_, i) => ({ i })));
    await flow.untilCensus({ waiting: REAL });
    if ((await flow.pause()).status !== 200) throw new Error("The flow is not paused");
    await admin.advance("PT2H");
    await flow.untilCensus({ paused: REAL });
    const standing = memory(stack.pid);

    const [name = ""] = (await dynamodb.send(new ListTablesCommand({}))).TableNames ?? [];
    const marshallOptions = { removeUndefinedValues: true };
    const table = { client: DynamoDBDocumentClient.from(dynamodb, { marshallOptions }), name };
    const { incarnation } = await seen.flowItem(FLOW);
    await park(table, incarnation, size, await stackTime(admin));
    note(`${size} parked, ${memory(stack.pid)} MiB`);

    await admin.expect([200], "DELETE", "/local/usage");
    const began = performance.now();
    if ((await flow.resume()).status !== 200) throw new Error("The flow is not resumed");
    let most = 0;
    for (;;) {
      const report = await usage();
      const sent = report.stepFunctions["SendTaskSuccess"] ?? 0;
      most = Math.max(most, memory(stack.pid));
      note(`${sent} woken, ${drainCalls(report)} calls of the drain, ${most} MiB`);
      if (sent >= size + REAL) break;
      await delay(LOOK_MS);
    }
    const seconds = (performance.now() - began) / 1_000;
    await admin.advance("PT5M");
    await flow.untilCensus({ completed: REAL }, 60);
    await flow.until(({ draining }) => draining === null, 60);
    const report = await usage();
    const left = (await allItems(stack.url)).filter(({ PK }) => /#P#\d+$/.test(String(PK))).length;
    if (left > 0) throw new Error(`${left} parks are left`);
    console.log(
      [
        `${size} parks and ${REAL} runs: ${(drainCalls(report) / (size + REAL)).toFixed(3)} calls a park`,
        `${((size + REAL) / seconds).toFixed(0)} a second`,
        `${report.lambdaInvocations["sluice-drain"]} batches, the longest ${(await longestBatch(seen, stack.url)).toFixed(1)} s`,
        `MiB ${standing} before, at most ${most}`,
      ].join("; "),
    );
    await tick(admin, table, lambda, incarnation, size);
  } finally {
    lambda.destroy();
    dynamodb.destroy();
    seen.close();
    await close();
  }
}

/** Calls to DynamoDB, and to Step Functions once per park. */
function drainCalls({ dynamodb, stepFunctions }: UsageReport): number {
  return (dynamodb.byFunction["sluice-drain"]?.calls ?? 0) + (stepFunctions["SendTaskSuccess"] ?? 0);
}

/** MiB. */
function memory(pid: number): number {
  return Math.round(residentMemory(pid));
}

/** One sweep with many runs that have been silent for too long. */
async function tick(
  admin: Client,
  table: Target,
  lambda: LambdaClient,
  incarnation: string,
  size: number,
): Promise<void> {
  const now = await stackTime(admin);
  const due = new Date(now - 3_600_000).toISOString();
  await write(table, size, async (_i, keep) => {
    const identity = { workspace: "demo", flowId: FLOW, incarnation, version: 1, runId: randomUUID() };
    const startedBy = { kind: "user", id: "bench" } as const;
    const { intent: _intent, ...run } = newRun({ ...identity, startedBy, runAs: "system" }, now, randomIds);
    await keep.put(newItem({ ...run, status: "running", updatedAt: due, checkAt: due }));
  });
  await admin.expect([200], "DELETE", "/local/usage");
  const began = performance.now();
  const { FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: "sluice-sweep", Payload: "{}" }),
  );
  if (FunctionError !== undefined) throw new Error("The sweep failed");
  const { dynamodb } = await admin.expect<UsageReport>([200], "GET", "/local/usage");
  const { calls = 0, readUnits = 0 } = dynamodb.byFunction["sluice-sweep"] ?? {};
  console.log(
    `${size} overdue: a tick of the sweeper takes ${((performance.now() - began) / 1_000).toFixed(1)} s, ` +
      `${calls} calls and ${readUnits} read units`,
  );
}

/** Parks as the park handler writes them, with used tokens, as after an execution that was stopped. */
async function park(table: Target, incarnation: string, count: number, now: number): Promise<void> {
  const at = new Date(now).toISOString();
  await write(table, count, async (i, keep) => {
    const runId = randomIds.runId(now);
    const token = `${"spent".repeat(100)}-${i}`; // as long as Step Functions' own
    const place = { state: "Second", path: "", entered: at, parkedAt: at };
    const owner = { workspace: "demo", flowId: FLOW, incarnation, runId };
    await new ParkStore(keep).put(owner, { runId, token, holder: "flow", ...place });
  });
}

/** Writes many items in the stores' format, in batches. `make` gets a table that only records puts. */
async function write(
  { client, name }: Target,
  count: number,
  make: (i: number, keep: Table) => Promise<void>,
): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) {
      const items: object[] = [];
      const keep = { put: async (item: object) => void items.push(item) } as unknown as Table;
      for (; items.length < BATCH && next < count; next += 1) await make(next, keep);
      const writes = items.map((Item) => ({ PutRequest: { Item: Item as Record<string, unknown> } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [name]: writes } }));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

interface Target {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

/** Duration of the longest call of the drain's handler in seconds, from the histories of its executions. */
async function longestBatch(seen: HoldObserver, url: string): Promise<number> {
  const states = new SFNClient(sdkConfig(url, "states"));
  let longest = 0;
  try {
    for (const { executionArn } of await seen.drains()) {
      let started = 0;
      for await (const page of paginateGetExecutionHistory({ client: states }, { executionArn })) {
        for (const { type, timestamp } of page.events ?? []) {
          if (type === "LambdaFunctionStarted") started = timestamp?.getTime() ?? 0;
          if (type === "LambdaFunctionSucceeded" || type === "LambdaFunctionFailed")
            longest = Math.max(longest, (timestamp?.getTime() ?? 0) - started);
        }
      }
    }
  } finally {
    states.destroy();
  }
  return longest / 1_000;
}
