import { expect, test } from "vitest";
import { retryOnConflict } from "./optimistic-write.ts";

const counting = () => {
  const conflicts: string[] = [];
  return { conflicts, metrics: { count: (metric: string) => conflicts.push(metric), measure: () => {} } };
};

test("retries after each conflict, counting the attempts, until there is a result", async () => {
  const deps = counting();
  const attempts: number[] = [];
  const result = await retryOnConflict(
    deps,
    async (attempt) => {
      attempts.push(attempt);
      return attempt < 3 ? "conflict" : undefined;
    },
    () => new Error("exhausted"),
  );
  expect(result).toBeUndefined();
  expect(attempts).toEqual([1, 2, 3]);
  expect(deps.conflicts).toEqual(["writeConflicts", "writeConflicts"]);
});

test("throws the caller's error after the last conflict", async () => {
  const deps = counting();
  const endless = retryOnConflict(
    deps,
    async () => "conflict",
    async () => new Error("exhausted"),
  );
  await expect(endless).rejects.toThrow("exhausted");
  expect(deps.conflicts).toHaveLength(50);
});

test("does not repeat an attempt that fails", async () => {
  const deps = counting();
  const failing = () => Promise.reject(new Error("throttled"));
  await expect(retryOnConflict(deps, failing, () => new Error("exhausted"))).rejects.toThrow("throttled");
  expect(deps.conflicts).toEqual([]);
});
