import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, test } from "vitest";
import { type ItemKey, keys } from "../keys.ts";
import type { RunItem } from "../runs/run-item.ts";
import { storedFields } from "../runs/stored-run.ts";
import { changeOf, type StreamRecord } from "./stream-changes.ts";

const RUN = "01a1fe2b-94bf-721e-b86d-9859ac04b023";
const AT = "2026-03-01T12:00:00.000Z";
const ANN = { kind: "user", id: "ann" };
const entry = (rev: number) => ({ rev, at: AT, actor: ANN, action: "pause", from: "running", to: "paused" });
const record = (
  eventName: StreamRecord["eventName"],
  key: ItemKey,
  images: { before?: object; after?: object },
): StreamRecord => ({
  eventName,
  dynamodb: {
    SequenceNumber: "1",
    Keys: marshall(key),
    ...(images.after === undefined ? {} : { NewImage: marshall({ ...key, ...images.after }) }),
    ...(images.before === undefined ? {} : { OldImage: marshall({ ...key, ...images.before }) }),
  },
});
const run = { ...keys.run("w", RUN) };
const runWith = (rev: number, ...revs: number[]) =>
  storedFields({ status: "paused", rev, recentAudit: revs.map(entry) as RunItem["recentAudit"] });

test.each([
  ["the first write of a run", record("INSERT", run, { after: runWith(1, 1) }), [1]],
  ["two changes at once", record("MODIFY", run, { before: { rev: 1 }, after: runWith(3, 1, 2, 3) }), [2, 3]],
])("%s has its status changes", (_name, stream, revs) => {
  const change = changeOf(stream);
  expect(change).toMatchObject({ kind: "run", run: { status: "paused" }, entries: revs.map(entry) });
});

const audit = keys.flowAudit("w", "f", "i", 7);
test.each([
  [
    "a run's write without a status change",
    record("MODIFY", run, { before: { rev: 3 }, after: runWith(3, 2, 3) }),
  ],
  ["a run's removal", record("REMOVE", run, { before: runWith(3, 3) })],
  ["a run's audit entry", record("INSERT", keys.runAudit("w", RUN, 1), { after: entry(1) })],
  ["a changed audit entry", record("MODIFY", audit, { after: { flowId: "f", ...entry(7) } })],
  ["a flow's write", record("MODIFY", keys.flow("w", "f"), { before: { rev: 1 }, after: { rev: 2 } })],
  ["a step", record("INSERT", keys.step("w", RUN, "s"), { after: { name: "One" } })],
])("%s is no change", (_name, stream) => {
  expect(changeOf(stream)).toBeUndefined();
});

test("a flow's audit entry is a change of the flow", () => {
  expect(changeOf(record("INSERT", audit, { after: { flowId: "f", ...entry(7) } }))).toEqual({
    ...{ kind: "flow", workspace: "w", flowId: "f", incarnation: "i" },
    entry: entry(7),
  });
});

test("a flow's removal is its deletion", () => {
  const flow = { workspace: "w", flowId: "f", incarnation: "i", rev: 4 };
  expect(changeOf(record("REMOVE", keys.flow("w", "f"), { before: flow }))).toMatchObject({
    kind: "flow-deleted",
    flow: { flowId: "f", rev: 4 },
  });
});
