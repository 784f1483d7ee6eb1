import { describe, expect, it } from "vitest";
import { checkModel } from "./check.ts";

/** `npm run model -- --sequences 2000` plays more, and other ones. */
const SEQUENCES = Number(process.env["MODEL_SEQUENCES"] ?? 5);
/** Fixed, so that a failure comes from a change of the code and not from chance. */
const SEED = Number(process.env["MODEL_SEED"] ?? 7_000);

describe("random commands and faults, compared with a model of holds and limits", () => {
  it(`${SEQUENCES} sequences: every answer and status agrees with the model, and the ledger has no violations`, async () => {
    const failures = await checkModel(SEED, SEQUENCES);
    expect(failures.map(({ report }) => report).join("\n\n")).toBe("");
  }, 600_000);
});
