import { afterAll, describe, expect, it } from "vitest";
import { type AslCase, readCases } from "./case.ts";
import { compare } from "./compare.ts";
import { Compiled } from "./compiled.ts";
import { withInlineGates } from "./gated-states.ts";
import { CASE_FILES } from "./test-files.ts";

const compiled = await Compiled.start(true);
afterAll(() => compiled.close());

/** Cases that an inline gate changes. */
const callers = (cases: readonly AslCase[]) =>
  cases.filter(({ definition }) => JSON.stringify(withInlineGates(definition)).includes('"Gate":"inline"'));

describe.each(CASE_FILES)("inline gates, $name", async ({ file }) => {
  it.each(callers(await readCases(file)))("$id", async (aslCase) => {
    expect(compare(compiled.expectation(aslCase), await compiled.run(aslCase))).toEqual([]);
  });
});

it("calls the inline gates", () => {
  expect(compiled.gatesPassed.get("task-in-time")).toBe(1);
  const passed = [...compiled.gatesPassed.values()].reduce((sum, count) => sum + count, 0);
  expect(passed).toBeGreaterThan(compiled.gatesPassed.size);
});
