import { afterAll, describe, expect, it } from "vitest";
import { type AslCase, readCases } from "./case.ts";
import { compare } from "./compare.ts";
import { Compiled } from "./compiled.ts";
import { gatedStates } from "./gated-states.ts";
import { CASE_FILES } from "./test-files.ts";

const compiled = await Compiled.start();
afterAll(() => compiled.close());

/** A definition without a gated state compiles to itself; conformance.test.ts runs those. */
const gated = (cases: readonly AslCase[]) =>
  cases.filter(({ definition }) => gatedStates(definition).size > 0);

describe.each(CASE_FILES)("compiled, $name", async ({ file }) => {
  it.each(gated(await readCases(file)))("$id", async (aslCase) => {
    expect(compare(compiled.expectation(aslCase), await compiled.run(aslCase))).toEqual([]);
  });
});

it("passes a gate in every case that enters a gated state", () => {
  expect(compiled.ungated()).toEqual([]);
  expect(compiled.gatesPassed.get("task-in-time")).toBe(1);
});
