import { ValiError } from "valibot";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import { backgroundHandler } from "./background.ts";
import { taskHandler } from "./task.ts";

const ignore = (): void => undefined;
const SILENT = { log: { info: ignore, warn: ignore, error: ignore }, publishMetrics: ignore };

const gate = {
  ...{ v: 1, op: "gate", workspace: "demo", flowId: "order", incarnation: "abcdefghijklmnop", version: 1 },
  ...{ execution: "01950000-0000-7000-8000-000000000001.1", state: "Charge", path: "", kind: "step" },
  entered: "2026-03-01T12:00:00.000Z",
};

test("hands the work the event without what this release does not know, and answers with nothing", async () => {
  const seen: unknown[] = [];
  const handler = taskHandler("gate", async (event) => void seen.push(event), SILENT);
  expect(await handler({ ...gate, later: true })).toEqual({});
  expect(seen).toEqual([gate]);
});

test("throws what the work throws, itself, so that Step Functions reads its name", async () => {
  const refusal = new TaskError("paused");
  const refuse = taskHandler("gate", () => Promise.reject(refusal), SILENT);
  await expect(refuse(gate)).rejects.toBe(refusal);
  expect(refusal.name).toBe("Sluice.Paused");
  const failure = new Error("throttled");
  await expect(taskHandler("gate", () => Promise.reject(failure), SILENT)(gate)).rejects.toBe(failure);
});

test("fails on an event that is another function's, or nobody's", async () => {
  const work = vi.fn();
  const handler = taskHandler("park", work, SILENT);
  await expect(handler(gate)).rejects.toThrow('This function handles events "park", not "gate"');
  await expect(handler({ op: "park" })).rejects.toThrow(ValiError);
  await expect(handler(null)).rejects.toThrow(ValiError);
  expect(work).not.toHaveBeenCalled();
});

test("checks what EventBridge delivers, and lets a failure through, so that it is delivered again", async () => {
  const failure = new Error("throttled");
  const handler = backgroundHandler(
    { name: "event", schema: z.object({ detail: z.string() }), work: () => Promise.reject(failure) },
    SILENT,
  );
  await expect(handler({ detail: "x" })).rejects.toBe(failure);
  await expect(handler({})).rejects.toThrow(z.ZodError);
});
