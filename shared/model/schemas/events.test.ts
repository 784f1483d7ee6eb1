import { expect, test } from "vitest";
import { checkEvent } from "./events.ts";

const AT = "2026-03-01T12:00:00.000Z";
const detail = {
  ...{ id: "e1", workspace: "demo", flowId: "order", runId: "r1", flowVersion: 1, rev: 2 },
  ...{ action: "delete", from: "paused", to: "deleted", at: AT, actor: { kind: "user", id: "ann" } },
};

test("an event that matches its schema is published as it is", () => {
  expect(checkEvent({ type: "Run deleted", at: 7, detail })).toEqual({ type: "Run deleted", at: 7, detail });
});

test.each([
  ["a payload", { payload: { secret: 1 } }, '"Run deleted" does not match its schema: '],
  ["a field of another type", { rev: "2" }, '"Run deleted" does not match its schema: rev'],
  [
    "a wrong field inside another",
    { actor: { kind: "user" } },
    '"Run deleted" does not match its schema: actor.id',
  ],
  ["two wrong fields", { rev: 0.5, to: "gone" }, '"Run deleted" does not match its schema: rev, to'],
])("an event with %s is refused", (_name, change, message) => {
  expect(() => checkEvent({ type: "Run deleted", at: 7, detail: { ...detail, ...change } })).toThrow(
    new Error(message),
  );
});
