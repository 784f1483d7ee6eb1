import { describe, expect, it } from "vitest";
import { checkModel } from "./check.ts";

/** More, and others: `npm run model -- --sequences 2000`. */
const SEQUENCES = Number(process.env["MODEL_SEQUENCES"] ?? 12);
/** The same every time, so that a failure here is a change's and not the dice's. */
const SEED = Number(process.env["MODEL_SEED"] ?? 7_000);

describe("random commands, faults among them, against a model of two holds", () => {
  it(`${SEQUENCES} sequences: every answer and status is the model's, and the books balance`, async () => {
    const failures = await checkModel(SEED, SEQUENCES);
    expect(failures.map(({ report }) => report).join("\n\n")).toBe("");
  }, 600_000);
});
