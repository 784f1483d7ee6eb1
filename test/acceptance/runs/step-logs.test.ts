import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { StepLogs } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { lambdaArn } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack("quiet", "slow");
  const write = (name: string, text: string) => writeFileSync(join(stack.functions.dir, name), text);
  write(
    "prints.mjs",
    `console.log("while it is loaded");
     const calls = {};
     export const handler = async ({ n, times = 1, fails = 0, wide = 0 }) => {
       calls[n] = (calls[n] ?? 0) + 1;
       for (let line = 0; line < times; line += 1) console.log("item", n, "line", line, ...(wide > 0 ? ["x".repeat(wide)] : []));
       console.error("two\\nlines");
       process.stdout.write("without an end");
       await new Promise((resolve) => setTimeout(resolve, 5));
       if (calls[n] <= fails) throw Object.assign(new Error("not yet"), { name: "Busy" });
       return n;
     };`,
  );
  const task = (Resource: string, more: JsonObject = { End: true }) => ({ Type: "Task", Resource, ...more });
  const one = (state: JsonObject) => ({ StartAt: "Work", States: { Work: state } });
  await stack.admin.publish("prints", one(task(lambdaArn("prints"))));
  await stack.admin.publish(
    "retries",
    one(
      task(lambdaArn("prints"), {
        Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 1 }],
        End: true,
      }),
    ),
  );
  await stack.admin.publish(
    "many",
    one({
      Type: "Map",
      ItemProcessor: { StartAt: "Each", States: { Each: task(lambdaArn("prints")) } },
      End: true,
    }),
  );
  await stack.admin.publish("mixed", {
    StartAt: "Quiet",
    States: {
      Quiet: task("arn:aws:states:::lambda:invoke", {
        Parameters: { FunctionName: "quiet", "Payload.$": "$" },
        Next: "Later",
      }),
      Later: { Type: "Wait", Seconds: 0, End: true },
    },
  });
});
afterAll(() => stack?.close());

const run = async (flowId: string, payload: unknown, status = "completed") => {
  const { runId } = await stack.admin.dispatch(flowId, payload as never);
  await stack.admin.untilStatus(runId, status as never);
  const steps = await stack.admin.steps(runId);
  const path = (name: string, branch?: string) =>
    `/runs/${runId}/steps/${steps.find((step) => step.name === name && step.branch === branch)?.stepId}/logs`;
  const logs = (name: string, branch?: string) =>
    stack.admin.expect<StepLogs>([200], "GET", path(name, branch));
  return { runId, path, logs };
};
const texts = ({ attempts }: StepLogs) => attempts.map(({ lines }) => lines.map(({ text }) => text));

test("an attempt has what its invocation printed, line by line, and nothing that was printed before it", async () => {
  const { logs } = await run("prints", { n: 7 });
  const found = await logs("Work");
  expect(texts(found)).toEqual([["item 7 line 0", "two", "lines", "without an end"]]);
  expect(found.attempts[0]).toMatchObject({ attempt: 1, function: "prints", isCut: false });
  expect(found.attempts[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
});

test("each retry is an attempt, with its own error, times and output", async () => {
  const { runId } = await stack.admin.dispatch("retries", { n: 1001, fails: 2 });
  await eventually(async () => {
    const { status } = await stack.admin.expect<{ status: string }>([200], "GET", `/runs/${runId}`);
    if (status !== "completed") await stack.admin.advance("PT1S");
    return status === "completed" || undefined;
  });
  const [step] = await stack.admin.steps(runId);
  const found = await stack.admin.expect<StepLogs>([200], "GET", `/runs/${runId}/steps/${step?.stepId}/logs`);
  expect(found.attempts.map(({ error }) => error?.error)).toEqual(["Busy", "Busy", undefined]);
  expect(found.attempts[0]?.error?.message).toBe("not yet");
  expect(new Set(found.attempts.map(({ requestId }) => requestId)).size).toBe(3);
  expect(texts(found).every(([line]) => line === "item 1001 line 0")).toBe(true);
});

test("parallel invocations of a function keep their outputs apart", async () => {
  const { logs } = await run(
    "many",
    Array.from({ length: 12 }, (_, n) => ({ n })),
  );
  for (const n of [0, 5, 11])
    expect(texts(await logs("Each", `Work[${n}]`))[0]?.[0]).toBe(`item ${n} line 0`);
});

test("of a long output, the end is kept; steps without output have none, and a Wait has no attempt", async () => {
  const { logs } = await run("prints", { n: 1, times: 100, wide: 1_000 });
  const { attempts } = await logs("Work");
  expect(attempts[0]?.isCut).toBe(true);
  const kept = attempts[0]?.lines ?? [];
  expect(kept.at(-1)?.text).toBe("without an end");
  expect(kept.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(65_536);
  const mixed = await run("mixed", {});
  expect((await mixed.logs("Quiet")).attempts).toMatchObject([{ function: "quiet", lines: [] }]);
  expect(await mixed.logs("Later")).toEqual({ attempts: [] });
});

test("whoever may read the step may read its output, and nobody else", async () => {
  const { path, runId } = await run("prints", { n: 2 });
  const of = async (user: string) => (await (await stack.as(user)).call("GET", path("Work"))).status;
  expect(await of("viewer")).toBe(200);
  expect(await of("member")).toBe(404);
  const unknown = await stack.admin.call("GET", `/runs/${runId}/steps/nothing/logs`);
  expect(unknown.status).toBe(404);
});
