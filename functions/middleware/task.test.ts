import { ValiError } from "valibot";
import { beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import { backgroundHandler } from "./background.ts";
import { taskHandler } from "./task.ts";

beforeAll(() => {
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    POWERTOOLS_LOG_LEVEL: "SILENT",
    POWERTOOLS_METRICS_DISABLED: "true",
    [SETTINGS.table]: "none",
    [SETTINGS.statesArnPrefix]: "arn:aws:states:us-east-1:000000000000",
  });
});

const gate = {
  ...{ v: 1, op: "gate", workspace: "demo", flowId: "order", incarnation: "abcdefghijklmnop", version: 1 },
  ...{ execution: "01950000-0000-7000-8000-000000000001.1", state: "Charge", path: "", kind: "step" },
  entered: "2026-03-01T12:00:00.000Z",
};

test("hands the work the event without what this release does not know, and answers with nothing", async () => {
  const seen: unknown[] = [];
  const handler = taskHandler("gate", async (_deps, event) => {
    seen.push(event);
  });
  expect(await handler({ ...gate, later: true })).toEqual({});
  expect(seen).toEqual([gate]);
});

test("throws what the work throws, itself, so that Step Functions reads its name", async () => {
  const refusal = new TaskError("paused");
  const refuse = taskHandler("gate", () => Promise.reject(refusal));
  await expect(refuse(gate)).rejects.toBe(refusal);
  expect(refusal.name).toBe("Sluice.Paused");
  const failure = new Error("throttled");
  await expect(taskHandler("gate", () => Promise.reject(failure))(gate)).rejects.toBe(failure);
});

test("fails on an event that is another function's, or nobody's", async () => {
  let worked = 0;
  const handler = taskHandler("park", async () => {
    worked += 1;
  });
  await expect(handler(gate)).rejects.toThrow('This function takes events "park", not "gate"');
  await expect(handler({ op: "park" })).rejects.toThrow(ValiError);
  await expect(handler(null)).rejects.toThrow(ValiError);
  expect(worked).toBe(0);
});

test("checks what EventBridge delivers, and lets a failure through, so that it is delivered again", async () => {
  const failure = new Error("throttled");
  const handler = backgroundHandler("event", z.object({ detail: z.string() }), () => Promise.reject(failure));
  await expect(handler({ detail: "x" })).rejects.toBe(failure);
  await expect(handler({})).rejects.toThrow(z.ZodError);
});
