import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { forEachConcurrent, roundRobin } from "./concurrency.ts";

describe("forEachConcurrent", () => {
  test("starts items in order, within the allowed concurrency", async () => {
    const started: number[] = [];
    let running = 0;
    let most = 0;
    await forEachConcurrent([10, 20, 30, 40, 50], { concurrency: 2 }, async (item, index) => {
      started[index] = item;
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
    });
    expect(started).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  test("reads an asynchronous source only as far as it works", async () => {
    let read = 0;
    const source = async function* () {
      for (; read < 100; read += 1) yield read;
    };
    const done: number[] = [];
    const mayContinue = (index: number) => index < 3;
    await forEachConcurrent(source(), { concurrency: 1, mayContinue }, async (item) => done.push(item));
    expect(done).toEqual([0, 1, 2]);
    expect(read).toBe(3);
  });

  test("starts nothing more after a failure, waits for the started items, then throws", async () => {
    const started: number[] = [];
    let settled = 0;
    const work = async (item: number) => {
      started.push(item);
      if (item === 1) throw new Error("the second");
      await setImmediate();
      settled += 1;
    };
    await expect(forEachConcurrent([0, 1, 2, 3, 4], { concurrency: 2 }, work)).rejects.toThrow("the second");
    expect(started).toEqual([0, 1]);
    expect(settled).toBe(1);
  });

  test("throws the failure of its source", async () => {
    const source = async function* () {
      yield 1;
      throw new Error("no more pages");
    };
    await expect(forEachConcurrent(source(), { concurrency: 3 }, async () => {})).rejects.toThrow("no more");
  });
});

test("roundRobin takes from each source in turn", async () => {
  const source = async function* (...items: string[]) {
    yield* items;
  };
  const taken: string[] = [];
  for await (const item of roundRobin([source("a1", "a2", "a3"), source(), source("c1")])) taken.push(item);
  expect(taken).toEqual(["a1", "c1", "a2", "a3"]);
});
