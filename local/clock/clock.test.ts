import { afterEach, expect, it } from "vitest";
import { ActivityCounter } from "./activity.ts";
import { type OffsetStore, StackClock } from "./clock.ts";

const clocks: StackClock[] = [];
afterEach(() => {
  for (const clock of clocks.splice(0)) clock.close();
});

function memory(offset = 0): OffsetStore & { offset: number } {
  const store = {
    offset,
    load: () => store.offset,
    save: (value: number) => {
      store.offset = value;
    },
  };
  return store;
}

function newClock(store = memory(), activity = new ActivityCounter()): StackClock {
  const clock = new StackClock(activity, store, (line) => expect.fail(line));
  clocks.push(clock);
  return clock;
}

const MINUTE = 60_000;

it("fires timers in order of time while it advances, each at its own time", async () => {
  const clock = newClock();
  const start = clock.now();
  const fired: [string, number][] = [];
  const note = (name: string) => () => void fired.push([name, Math.round((clock.now() - start) / MINUTE)]);
  clock.schedule(start + 30 * MINUTE, note("third"));
  clock.schedule(start + 10 * MINUTE, note("first"));
  clock.schedule(start + 20 * MINUTE, note("second"));
  clock.schedule(start + 90 * MINUTE, note("not yet"));
  const now = await clock.advance(60 * MINUTE);
  expect(fired).toEqual([
    ["first", 10],
    ["second", 20],
    ["third", 30],
  ]);
  expect(now - start).toBeGreaterThanOrEqual(60 * MINUTE);
  expect(now - start).toBeLessThan(61 * MINUTE);
});

it("fires timers that another timer creates, and waits for the effects of each", async () => {
  const activity = new ActivityCounter();
  const clock = newClock(memory(), activity);
  const start = clock.now();
  const seen: string[] = [];
  clock.schedule(start + MINUTE, () => {
    const done = activity.begin();
    setTimeout(() => {
      seen.push("consequence of the first");
      clock.schedule(start + 2 * MINUTE, () => void seen.push("made by the first"));
      done();
    }, 20);
  });
  clock.schedule(start + 3 * MINUTE, () => void seen.push("last"));
  await clock.advance(5 * MINUTE);
  expect(seen).toEqual(["consequence of the first", "made by the first", "last"]);
});

it("fires a recurring timer once, at the end of the advance", async () => {
  const clock = newClock();
  const start = clock.now();
  const seen: string[] = [];
  clock.schedule(start + MINUTE, () => void seen.push("recurring"), { atEndOfMove: true });
  clock.schedule(start + 60 * MINUTE, () => void seen.push("one-time"));
  await clock.advance(120 * MINUTE);
  expect(seen).toEqual(["one-time", "recurring"]);
});

it("does not fire a cancelled timer", async () => {
  const clock = newClock();
  const seen: string[] = [];
  const second = clock.schedule(clock.now() + 2 * MINUTE, () => void seen.push("second"));
  clock.schedule(clock.now() + MINUTE, () => second.cancel());
  await clock.advance(5 * MINUTE);
  expect(seen).toEqual([]);
});

it("fires in real time too, and overdue timers immediately", async () => {
  const clock = newClock();
  await new Promise<void>((resolve) => clock.schedule(clock.now() - MINUTE, resolve));
  await new Promise<void>((resolve) => clock.schedule(clock.now() + 30, resolve));
});

it("keeps its offset, so that time does not go back with the next process", async () => {
  const store = memory();
  const before = await newClock(store).advance(14 * 24 * 60 * MINUTE);
  expect(newClock(store).now()).toBeGreaterThanOrEqual(before);
});

it("does not wait forever for work that makes no progress, and waits for it only once", async () => {
  const activity = new ActivityCounter();
  const clock = newClock(memory(), activity);
  activity.begin();
  const began = performance.now();
  await clock.advance(MINUTE);
  const first = performance.now() - began;
  await clock.advance(MINUTE);
  const second = performance.now() - began - first;
  expect(first).toBeGreaterThan(1_500);
  expect(first).toBeLessThan(4_000);
  expect(second).toBeLessThan(500);
});

it("performs concurrent advances one after the other", async () => {
  const clock = newClock();
  const start = clock.now();
  const times = await Promise.all([clock.advance(MINUTE), clock.advance(MINUTE)]);
  expect(times.map((time) => Math.round((time - start) / MINUTE))).toEqual([1, 2]);
});
