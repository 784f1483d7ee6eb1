import { expect, test } from "vitest";
import { mostAtOnce, playLimit } from "./play-limit.ts";

test("counts runs at once, an end before a begin of the same millisecond", () => {
  const lived = (begin: number, end: number) => ({ begin, end });
  expect(mostAtOnce([lived(0, 5), lived(5, 9), lived(6, 7)])).toBe(2);
  expect(mostAtOnce([lived(0, 9), lived(1, 2), lived(1, 2), lived(8, 9)])).toBe(3);
});

// `npm run slots` plays 500 records, 20 callers and two kills.
test("never are more runs than slots under way, and none is lost, through a kill -9", async () => {
  const customers = Array.from({ length: 24 }, () => "one");
  const { runs, most, slots } = await playLimit({
    ...{ limit: 3, callers: 6, customers, byCustomer: false, kills: 1, longest: 100 },
  });
  expect(most).toBeLessThanOrEqual(3);
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(24);
  expect(runs.filter(({ status }) => status !== "completed")).toEqual([]);
  expect(slots).toMatchObject({ used: 0, waiting: 0 });
}, 180_000);
