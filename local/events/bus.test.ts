import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { AsyncInvocations } from "../lambda/async-invocations.ts";
import { LocalEventBus } from "./bus.ts";

const change = (status: string) => ({
  source: "aws.states",
  "detail-type": "Step Functions Execution Status Change",
  time: "2026-03-01T12:00:00.000Z",
  resources: [],
  detail: { status },
});

test("the log keeps every event; the rule's function receives only ends", async () => {
  const heard: unknown[] = [];
  const bus = new LocalEventBus({
    database: new DatabaseSync(":memory:"),
    clock: { now: () => 0, schedule: () => ({ cancel: () => undefined }) },
    asynchronous: {
      enqueue: ({ payload }: { payload: string }) => heard.push(JSON.parse(payload).detail.status),
    } as unknown as AsyncInvocations,
    statusChangeFunction: "ended",
  });
  const statuses = ["RUNNING", "SUCCEEDED", "RUNNING", "FAILED", "TIMED_OUT", "ABORTED"];
  for (const status of statuses) await bus.publish(change(status));
  await bus.publish({ ...change("SUCCEEDED"), "detail-type": "Something Else" });
  expect(heard).toEqual(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]);
  expect(bus.list(0)).toHaveLength(7);
});
