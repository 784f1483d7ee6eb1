import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { asItIs } from "../asl-cases/as-it-is.ts";
import { type AslCase, readCases } from "../asl-cases/case.ts";
import { compare } from "../asl-cases/compare.ts";

const own = fileURLToPath(new URL("./conformance.cases.json", import.meta.url));
/** A larger file of recorded cases, where there is one. */
const recorded =
  process.env["ASL_CASES"] ??
  fileURLToPath(new URL("../../../../shared/asl-cases/cases.json", import.meta.url));

const differences = async (aslCase: AslCase) => compare(aslCase.expect, await asItIs.run(aslCase));

describe("the language", async () => {
  it.each(await readCases(own))("$id", async (aslCase) => {
    expect(await differences(aslCase)).toEqual([]);
  });
});

describe.runIf(existsSync(recorded))("recordings of the service", async () => {
  const cases = existsSync(recorded) ? await readCases(recorded) : [];
  it.each(cases)("$id", async (aslCase) => {
    expect(await differences(aslCase)).toEqual([]);
  });
});
if (!existsSync(recorded))
  it.skip(`recordings of the service: no file ${recorded} (set ASL_CASES)`, () => {});
