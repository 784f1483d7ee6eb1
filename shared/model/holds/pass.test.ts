import { expect, test } from "vitest";
import type { HoldSet } from "./keeps.ts";
import { passFor } from "./pass.ts";

const NOW = Date.parse("2026-01-01T12:00:00.000Z");
const FINISHING = { id: "m", since: "2026-01-01T11:00:00.000Z", finishUntil: "2026-01-01T13:00:00.000Z" };
const BEGUN = { startedAt: "2026-01-01T11:01:00.000Z" };
const CHARGE = { c: { states: [{ names: ["Charge"] }] } };
const canary = (...holds: string[]) => ({ id: "k", holds });

const SETS: readonly (readonly [string, HoldSet, object | undefined])[] = [
  ["a pause", { holds: { manual: { id: "m" } } }, undefined],
  ["a pause that lets runs finish", { holds: {}, finishing: { manual: FINISHING } }, BEGUN],
  ["its canary", { holds: { manual: { id: "m" } }, canary: canary("m") }, { canary: "k" }],
  [
    "a canary beside another hold",
    { holds: { manual: { id: "m" }, spend: { id: "s" } }, canary: canary("m") },
    undefined,
  ],
  [
    "both",
    { holds: { errors: { id: "e" } }, finishing: { manual: FINISHING }, canary: canary("e") },
    { ...BEGUN, canary: "k" },
  ],
  [
    "a pause that lets runs finish, beside another",
    { holds: { errors: { id: "e" } }, finishing: { manual: FINISHING } },
    undefined,
  ],
  ["a held state", { holds: {}, partialHolds: CHARGE }, undefined],
  ["a held state and its canary", { holds: {}, partialHolds: CHARGE, canary: canary("c") }, { canary: "k" }],
];

test.each(SETS)("%s: what a run needs to pass", (_name, set, expected) => {
  expect(passFor(set, "Charge", NOW)).toEqual(expected);
});

test("nobody passes a pause whose time to finish is over, or that an older release wrote", () => {
  const at = Date.parse(FINISHING.finishUntil);
  expect(passFor({ holds: { manual: FINISHING } }, "Charge", at)).toBeUndefined();
  expect(passFor({ holds: { manual: FINISHING } }, "Charge", at - 1)).toEqual(BEGUN);
  const { since: _none, ...old } = FINISHING;
  expect(passFor({ holds: { manual: old } }, "Charge", NOW)).toBeUndefined();
});

test("the earliest of several starts counts", () => {
  const later = { ...FINISHING, id: "l", since: "2026-01-01T11:30:00.000Z" };
  expect(passFor({ holds: { errors: later }, finishing: { manual: FINISHING } }, "Charge", NOW)).toEqual(
    BEGUN,
  );
});
