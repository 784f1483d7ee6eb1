import { expect, it } from "vitest";
import { packEntry, unpackEntry } from "./audit.ts";
import type { AuditEntry } from "./run-item.ts";

const at = "2026-01-01T00:00:00.000Z";
const ann = { kind: "user", id: "ann" } as const;
const entries: readonly AuditEntry[] = [
  { rev: 1, at, actor: ann, action: "dispatch", to: "pending", op: "abc" },
  { rev: 2, at, actor: { kind: "system", id: "sluice" }, action: "begin", from: "pending", to: "running" },
  {
    ...{ rev: 3, at, actor: ann, action: "resume", from: "paused", to: "running" },
    ...{ reason: 'a "quoted" reason', override: true, vouched: ["pay"] },
  },
];

it.each(entries)("an entry is read from the run item as it was written: $action", (entry) => {
  expect(unpackEntry(packEntry(entry))).toEqual(entry);
});

it.each(entries)("an entry of an earlier release is read too: $action", (entry) => {
  expect(unpackEntry(entry)).toEqual(entry);
});
