import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { ActivityCounter } from "../../clock/activity.ts";
import { DeadLetters } from "../../lambda/dead-letters.ts";
import type { LambdaResponse } from "../../ports/services.ts";
import { EventSource } from "./event-source.ts";

interface Told {
  readonly dynamodb: { readonly Keys: string; readonly SequenceNumber: string };
}

/** A mapping with four records per batch and three retries, on a clock that the test advances. */
function newSource(answer: (batch: readonly string[]) => LambdaResponse) {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE stream_write (id INTEGER PRIMARY KEY)");
  const batches: string[][] = [];
  let now = 0;
  const timers: { at: number; fire: () => unknown }[] = [];
  const clock = {
    now: () => now,
    schedule: (at: number, fire: () => unknown) => {
      const timer = { at, fire };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
  };
  const deadLetters = new DeadLetters(database, clock);
  const source = new EventSource({
    ...{ functionName: "reader", batchSize: 4, retryAttempts: 3, database, clock, deadLetters },
    activity: new ActivityCounter(),
    lambda: {
      invoke: async ({ payload }) => {
        const batch = (JSON.parse(payload) as { Records: Told[] }).Records.map(
          ({ dynamodb }) => `${dynamodb.Keys}${dynamodb.SequenceNumber}`,
        );
        batches.push(batch);
        return answer(batch);
      },
    },
  });
  source.start();
  let pushed = 0;
  const push = (lane: string): void => {
    pushed += 1;
    const sequenceNumber = String(pushed);
    database.prepare("INSERT INTO stream_write VALUES (?)").run(pushed);
    const text = JSON.stringify({ dynamodb: { Keys: lane, SequenceNumber: sequenceNumber } });
    source.push({ id: pushed, lane, sequenceNumber, text });
  };
  const later = async (milliseconds: number): Promise<void> => {
    const end = now + milliseconds;
    for (;;) {
      const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      now = Math.max(now, next.at);
      await next.fire();
    }
    now = end;
  };
  const left = () => Number(database.prepare("SELECT count(*) AS n FROM stream_write").get()?.["n"]);
  return { source, push, later, batches, deadLetters, left };
}

const TAKEN: LambdaResponse = { ok: true, payload: "null", executedVersion: "$LATEST" };
const failsAt = (sequenceNumber: string): LambdaResponse => ({
  ...{ ok: true, executedVersion: "$LATEST" },
  payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: sequenceNumber }] }),
});
const THROWN: LambdaResponse = { ok: false, errorType: "Error", payload: '{"errorType":"Error"}' };

test("records are delivered in batches and leave the disk when they are processed", async () => {
  const { source, push, batches, left } = newSource(() => TAKEN);
  for (const lane of ["a", "b", "a", "c", "a", "b"]) push(lane);
  await source.flush();
  expect(batches).toEqual([
    ["a1", "b2", "a3", "c4"],
    ["a5", "b6"],
  ]);
  expect(left()).toBe(0);
});

test("a failing record holds up only its own item, and is given up after its retries", async () => {
  const { source, push, later, batches, deadLetters, left } = newSource((batch) =>
    batch.includes("a1") ? failsAt("1") : TAKEN,
  );
  for (const lane of ["a", "b", "a", "c"]) push(lane);
  await source.flush();
  expect(batches).toEqual([
    ["a1", "b2", "a3", "c4"],
    ["b2", "c4"],
  ]);
  expect(left()).toBe(2);
  await later(60_000);
  expect(batches.slice(2)).toEqual([["a1"], ["a1"], ["a1"], ["a3"]]);
  expect(left()).toBe(0);
  expect(deadLetters.list()).toMatchObject([{ source: "stream", target: "reader", attempts: 4 }]);
});

test("a batch that fails as a whole is halved until its bad record is isolated", async () => {
  const { source, push, later, batches, deadLetters } = newSource((batch) =>
    batch.includes("c3") ? THROWN : TAKEN,
  );
  for (const lane of ["a", "b", "c", "d"]) push(lane);
  await source.flush();
  await later(60_000);
  const took = batches.filter((batch) => !batch.includes("c3")).flat();
  expect(took.sort()).toEqual(["a1", "b2", "d4"]);
  expect(deadLetters.list().map(({ payload }) => JSON.parse(payload).keys)).toEqual(["c"]);
});
