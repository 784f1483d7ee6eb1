/**
 * Runs at the size of Step Functions' own limits, each step of them exactly once: a loop of so many steps, a Map of so many items in a loop,
 * and a Map of so many items paused in the middle, by its run and by its flow. Prints what they came to; fails where one does not hold.
 *
 *     npm run prove:limits -- 10000 1000
 */
import { GetExecutionHistoryCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { UsageReport } from "../../local/metering/usage.ts";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { MAX_HISTORY_EVENTS } from "../../shared/model/limits.ts";
import type { Run, Step } from "../../shared/model/schemas/run.ts";
import { eventually } from "../harness/clients/client.ts";
import { FlowClient } from "../harness/clients/flow-client.ts";
import { type FunctionsFolder, functionsFolder } from "../harness/stack/functions-folder.ts";
import { benchStack, sizesOr } from "./bench-stack.ts";

const ROUNDS = 3;
const PATIENCE_SECONDS = 3_600;
const [steps = 10_000, items = 1_000] = sizesOr(10_000, 1_000);

const task = (name: string, more: JsonObject): JsonObject => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  ...more,
  Parameters: { FunctionName: name, "Payload.$": "$" },
});
const work = task("work", { OutputPath: "$.Payload" });
const times = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** `work` counts its calls in the event itself: `{"work": n}` after n of them. */
const loop: JsonObject = {
  StartAt: "Work",
  States: {
    Work: { ...work, Next: "Enough" },
    Enough: {
      Type: "Choice",
      Choices: [{ Variable: "$.work", NumericLessThan: steps, Next: "Work" }],
      Default: "Done",
    },
    Done: { Type: "Succeed" },
  },
};
const each = (more: JsonObject): JsonObject => ({
  Type: "Map",
  ItemsPath: "$.items",
  ItemSelector: { "round.$": "$.round", "item.$": "$$.Map.Item.Value" },
  ItemProcessor: { StartAt: "Work", States: { Work: { ...work, End: true } } },
  ResultPath: null,
  ...more,
});
const mapInLoop: JsonObject = {
  StartAt: "Each",
  States: {
    Each: each({ Next: "Round" }),
    Round: {
      Type: "Pass",
      Parameters: { "items.$": "$.items", "round.$": "States.MathAdd($.round, 1)" },
      Next: "Enough",
    },
    Enough: {
      Type: "Choice",
      Choices: [{ Variable: "$.round", NumericLessThan: ROUNDS, Next: "Each" }],
      Default: "Done",
    },
    Done: { Type: "Succeed" },
  },
};
/** Half of the items at a time, so that the gates of all others meet a pause while these are in progress. */
const AT_ONCE = Math.ceil(items / 2);
const wideMap: JsonObject = {
  StartAt: "Each",
  States: { Each: each({ MaxConcurrency: AT_ONCE, End: true }) },
};

const functions = functionsFolder("work");
const stack = await benchStack("--functions", functions.dir);
const states = new SFNClient({
  endpoint: `${stack.process.url}/aws/states`,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
const { admin } = stack;
try {
  await loops();
  await mapsInALoop();
  await wideMapPaused("run");
  await wideMapPaused("flow");
} finally {
  states.destroy();
  await stack.close();
  functions.remove();
}

async function loops(): Promise<void> {
  const run = await finished("a loop", loop, {});
  const called = callsOf(functions);
  exactly(
    called.map((event) => Number(event["work"] ?? 0)),
    times(steps),
  );
  same(run.output, { work: steps });
  await stepsOf(run, steps);
}

async function mapsInALoop(): Promise<void> {
  const run = await finished("a Map in a loop", mapInLoop, { round: 0, items: times(items) });
  exactly(
    callsOf(functions).map(({ round, item }) => Number(round) * items + Number(item)),
    times(items * ROUNDS),
  );
  await stepsOf(run, (items + 1) * ROUNDS);
}

/** Paused while the first half is running. The gates of the other half park, and each continues at the resume. */
async function wideMapPaused(by: "run" | "flow"): Promise<void> {
  await forget();
  const flow = new FlowClient(admin, `wide-${by}`);
  await admin.publish(flow.flowId, wideMap);
  functions.block("work");
  const { runId } = await flow.dispatch({ round: 0, items: times(items) });
  await eventually(() => functions.count("work") === AT_ONCE || undefined, PATIENCE_SECONDS);
  const pause = by === "run" ? await admin.act(runId, "pause") : await flow.pause();
  same(pause.status, 200);
  functions.release("work");
  await admin.until(runId, ({ parkedAt }) => parkedAt !== undefined, PATIENCE_SECONDS);
  same(functions.count("work"), AT_ONCE);
  const resume = by === "run" ? await admin.act(runId, "resume") : await flow.resume();
  same(resume.status, 200);
  const run = await admin.untilStatus(runId, "completed", PATIENCE_SECONDS);
  exactly(
    callsOf(functions).map(({ item }) => Number(item)),
    times(items),
  );
  await tell(`a Map of ${items} items, paused by its ${by} after ${AT_ONCE}`, run);
  await stepsOf(run, items + 1);
}

async function finished(what: string, definition: JsonObject, payload: Json): Promise<Run> {
  await forget();
  const flow = new FlowClient(admin, what.toLowerCase().replaceAll(" ", "-"));
  await admin.publish(flow.flowId, definition);
  const began = performance.now();
  const { runId } = await flow.dispatch(payload);
  const over = await eventually(async () => {
    const run = await admin.run(runId);
    return ["completed", "failed", "cancelled"].includes(run.status) ? run : undefined;
  }, PATIENCE_SECONDS);
  if (over.status !== "completed") throw new Error(`${what}: ${JSON.stringify(over.error)}`);
  await tell(`${what}, ${((performance.now() - began) / 1000).toFixed(0)} s`, over);
  return over;
}

/** The executions of the run, and what they cost. */
async function tell(what: string, { executionArn = "" }: Run): Promise<void> {
  const usage = await admin.expect<UsageReport>([200], "GET", "/local/usage");
  const attempts = Number(executionArn.split(".").at(-1));
  const lengths: number[] = [];
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    lengths.push(await lengthOf(executionArn.replace(/\.\d+$/, `.${attempt}`)));
  }
  console.log(`${what}: ${attempts} executions of ${lengths.join(", ")} events`);
  console.log(
    `  ${usage.stateTransitions} transitions, ${JSON.stringify(usage.lambdaInvocations)}; DynamoDB ${usage.dynamodb.writeUnits} ` +
      `write and ${usage.dynamodb.readUnits} read units; Step Functions ${JSON.stringify(usage.stepFunctions)}`,
  );
  for (const length of lengths)
    if (length >= MAX_HISTORY_EVENTS) throw new Error("A history came to its limit");
}

async function lengthOf(executionArn: string): Promise<number> {
  const request = { executionArn, reverseOrder: true, maxResults: 1 };
  const { events = [] } = await states.send(new GetExecutionHistoryCommand(request));
  return events[0]?.id ?? 0;
}

/** All of them, in pages, and each completed. */
async function stepsOf({ runId }: Run, expected: number): Promise<void> {
  const began = performance.now();
  let seq = 0;
  let cursor = "";
  do {
    const path = `/runs/${runId}/steps?limit=200${cursor}`;
    const page = await admin.expect<{ items: Step[]; nextCursor?: string }>([200], "GET", path);
    for (const step of page.items) {
      seq += 1;
      same([step.seq, step.status], [seq, "completed"]);
    }
    cursor = page.nextCursor === undefined ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor !== "");
  same(seq, expected);
  console.log(
    `  ${seq} steps, each once and completed; read in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}

async function forget(): Promise<void> {
  functions.forget();
  await admin.expect([200], "DELETE", "/local/usage");
}

function callsOf(folder: FunctionsFolder): JsonObject[] {
  return folder.calls("work").flatMap(({ at, event }) => (at === "begin" ? [event as JsonObject] : []));
}

function exactly(found: readonly number[], expected: readonly number[]): void {
  same(
    [...found].sort((one, other) => one - other),
    expected,
  );
}

function same(found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one.slice(0, 500)} instead of ${other?.slice(0, 500)}`);
}
