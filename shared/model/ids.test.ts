import { expect, test } from "vitest";
import { contentHash, digest, idempotentRunId, nativeRunId, randomIds, shardOf } from "./ids.ts";

test("the order of fields does not matter, but that of lists does", () => {
  expect(contentHash({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    contentHash({ b: { d: null, c: [1, 2] }, a: 1 }),
  );
  expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]));
});

test("an object differs from the list of its pairs, and unusual keys count", () => {
  expect(contentHash({ a: 1 })).not.toBe(contentHash([["a", 1]]));
  expect(contentHash(JSON.parse('{"__proto__":1}'))).not.toBe(contentHash({}));
});

const RUN = "01a1fe2b-94bf-721e-b86d-9859ac04b023";

// Computed with another implementation of SHA-256. Stored ids, shards and machine names depend on them.
test("hashes stay the same for ever", () => {
  expect(digest("a", "b")).toBe("0473ef2dc0d324ab");
  expect(shardOf(RUN, 16)).toBe(6);
  expect(shardOf(RUN.replace("023", "024"), 16)).toBe(15);
  expect(idempotentRunId("w", "i", "k")).toBe("254d5227-dda2-8e5d-a8da-54ed3b5e5598");
  expect(nativeRunId("arn:x", "2026-01-01T01:00:00+01:00")).toBe("abb384a3-c093-86cc-afef-5c4a8eeb8539");
  expect(contentHash({ b: [1, null], a: 1 })).toBe("57259f4ff33105c4");
});

test("the id of a run begins with its time; unique ids have 16 characters and differ", () => {
  expect(randomIds.runId(1_700_000_000_000)).toMatch(
    /^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const ids = Array.from({ length: 200 }, () => randomIds.unique());
  expect(ids.filter((id) => !/^[a-z2-7]{16}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(200);
  expect(new Set(ids.join("")).size).toBe(32);
});
