import { describe, expect, it } from "vitest";
import { asItIs } from "../asl-cases/as-it-is.ts";
import { readCases } from "../asl-cases/case.ts";
import { compare } from "../asl-cases/compare.ts";
import { CASE_FILES } from "../asl-cases/test-files.ts";

describe.each(CASE_FILES)("$name", async ({ file }) => {
  it.each(await readCases(file))("$id", async (aslCase) => {
    expect(compare(aslCase.expect, await asItIs.run(aslCase))).toEqual([]);
  });
});
