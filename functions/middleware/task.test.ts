import { ValiError } from "valibot";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import { backgroundHandler } from "./background.ts";
import { taskHandler } from "./task.ts";

const ignore = (): void => undefined;
const SILENT = {
  log: { info: ignore, warn: ignore, error: ignore },
  publishMetrics: ignore,
  machinePlace: { instance: "sluice" },
};

const gate = {
  ...{ v: 1, op: "gate", workspace: "demo", flowId: "order", incarnation: "abcdefghijklmnop", version: 1 },
  ...{ execution: "01950000-0000-7000-8000-000000000001.1", state: "Charge", path: "", kind: "step" },
  entered: "2026-03-01T12:00:00.000Z",
};

test("passes the event without unknown fields, and returns nothing", async () => {
  const seen: unknown[] = [];
  const handler = taskHandler("gate", async (event) => void seen.push(event), SILENT);
  expect(await handler({ ...gate, later: true })).toEqual({});
  expect(seen).toEqual([gate]);
});

test("takes the run from the execution's ARN and the state from the generated one, in each instance", async () => {
  const seen: unknown[] = [];
  const compact = (machine: string) => ({
    v: 2,
    at: [
      `arn:aws:states:eu-west-1:123456789012:execution:${machine}:${gate.execution}`,
      { Name: "Sluice gate - Charge - twice", EnteredTime: gate.entered },
    ],
    flow: "order",
  });
  const inTeam = { ...SILENT, machinePlace: { instance: "team-a" } };
  const handler = taskHandler("gate", async (event) => void seen.push(event), inTeam);
  const event = compact("team-a-demo-abcdefghijklmnop");
  await handler(event);
  const { version: _version, ...first } = gate;
  const type = "Task";
  expect(seen).toEqual([{ ...first, v: 2, type, state: "Charge - twice", arn: event.at[0] }]);
  await expect(handler(compact("sluice-demo-abcdefghijklmnop"))).rejects.toThrow(
    "has no run. Start a run through Sluice",
  );
});

test("throws what the work throws, itself, so that Step Functions reads its name", async () => {
  const refusal = new TaskError("paused");
  const refuse = taskHandler("gate", () => Promise.reject(refusal), SILENT);
  await expect(refuse(gate)).rejects.toBe(refusal);
  expect(refusal.name).toBe("Sluice.Paused");
  const failure = new Error("throttled");
  await expect(taskHandler("gate", () => Promise.reject(failure), SILENT)(gate)).rejects.toBe(failure);
});

test("fails on an event for another function, or an invalid one", async () => {
  const work = vi.fn();
  const handler = taskHandler("park", work, SILENT);
  await expect(handler(gate)).rejects.toThrow('This function handles events "park", not "gate"');
  await expect(handler({ op: "park" })).rejects.toThrow(ValiError);
  await expect(handler(null)).rejects.toThrow(ValiError);
  expect(work).not.toHaveBeenCalled();
});

test("checks EventBridge's events, and passes on a failure, so that the event is delivered again", async () => {
  const failure = new Error("throttled");
  const handler = backgroundHandler(
    { name: "event", schema: z.object({ detail: z.string() }), work: () => Promise.reject(failure) },
    SILENT,
  );
  await expect(handler({ detail: "x" })).rejects.toBe(failure);
  await expect(handler({})).rejects.toThrow(z.ZodError);
});
