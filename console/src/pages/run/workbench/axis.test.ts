import { expect, test } from "vitest";
import { marksOn, placeOn } from "./axis.ts";
import { pausesOf } from "./pauses.ts";

const DAY = 86_400_000;

test("the axis has marks at round distances, as many as fit", () => {
  const labels = (to: number, most: number) => marksOn({ from: 0, to }, most).map(({ label }) => label);
  expect(labels(4_200, 5)).toEqual(["0", "1 s", "2 s", "3 s", "4 s"].slice(0, 5));
  expect(labels(4_200, 3)).toEqual(["0", "2 s", "4 s"]);
  expect(labels(90, 6)).toEqual(["0", "20 ms", "40 ms", "60 ms", "80 ms"]);
  expect(labels(3 * DAY, 4)).toEqual(["0", "1 d", "2 d"]);
  expect(labels(1, 4)).toEqual(["0"]);
  expect(labels(400 * 365 * DAY, 4)).toHaveLength(4);
});

test("a stretch lies within the axis", () => {
  expect(placeOn({ from: 1_000, to: 3_000 }, 1_500, 2_000)).toEqual({ left: 0.25, width: 0.25 });
  expect(placeOn({ from: 1_000, to: 3_000 }, 0, 9_000)).toEqual({ left: 0, width: 1 });
});

test("a run was paused from each pause to the next status, or still is", () => {
  const at = (seconds: number, to: string) => ({ at: new Date(seconds * 1_000).toISOString(), to });
  const audit = [at(0, "running"), at(2, "paused"), at(5, "running"), at(7, "paused"), at(8, "paused")];
  expect(pausesOf([...audit].reverse(), 9_000)).toEqual([
    { from: 2_000, to: 5_000 },
    { from: 7_000, to: 9_000 },
  ]);
  expect(pausesOf([], 9_000)).toEqual([]);
});
