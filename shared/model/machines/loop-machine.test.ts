import { expect, test } from "vitest";
import { bulkDefinition, drainDefinition, lastBatch, nextBatch } from "./loop-machine.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");

test("a loop goes on at its time, up to the limit of its execution's history, and ends when told to", () => {
  expect(nextBatch({ batches: 0 }, START)).toEqual({
    batches: 1,
    goesOn: true,
    nextAt: "2026-03-01T12:00:00.000Z",
  });
  expect(nextBatch({ batches: 1_998 }, START)?.batches).toBe(1_999);
  expect(nextBatch({ batches: 1_999 }, START)).toBeUndefined();
  expect(lastBatch({ batches: 4, goesOn: true })).toEqual({ batches: 4, goesOn: false });
});

test("its machine alternates between a batch and a wait, and retries a batch", () => {
  const states = {
    Batch: {
      Type: "Task",
      Resource: "arn:f",
      Retry: [
        {
          ErrorEquals: ["States.ALL"],
          IntervalSeconds: 1,
          BackoffRate: 2,
          MaxDelaySeconds: 60,
          MaxAttempts: 12,
          JitterStrategy: "FULL",
        },
      ],
      Next: "More",
    },
    More: {
      Type: "Choice",
      Choices: [{ Variable: "$.goesOn", BooleanEquals: true, Next: "Pace" }],
      Default: "Done",
    },
    Pace: { Type: "Wait", TimestampPath: "$.nextAt", Next: "Batch" },
    Done: { Type: "Succeed" },
  };
  const loop = { Comment: expect.stringMatching(/./), StartAt: "Batch", States: states };
  expect([drainDefinition("arn:f"), bulkDefinition("arn:f")]).toEqual([loop, loop]);
});
