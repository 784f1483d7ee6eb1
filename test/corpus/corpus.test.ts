import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { publishByDefault } from "./deploy-default.ts";
import { readCorpus } from "./file/read-corpus.ts";
import { measure } from "./measure.ts";

const flows = await readCorpus(fileURLToPath(new URL("flows", import.meta.url)));
// Failures of flows are part of it: what the handlers log about them is no news.
beforeAll(() => void vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT"));
afterAll(() => void vi.unstubAllEnvs());

/** The ends of some flows, as their names promise. */
const ENDINGS: Readonly<Record<string, string>> = {
  "calls/unhandled": "FAILED Lambda.ResourceNotFoundException",
  "states/deadline": "FAILED States.Timeout",
  "states/endless": "ENDLESS",
  "states/fail-path-astray": "FAILED States.Runtime",
  "states/fail-with-nothing": "FAILED",
  "states/fail-with-paths": "FAILED code",
};

describe("a flow of the corpus is published unchanged, and runs with a pause as without Sluice", () => {
  it.each(flows)("$id", async (flow) => {
    const { refused, differences, runs } = await measure(flow);
    expect({ refused, differences }).toEqual({ refused: undefined, differences: [] });
    const [fair] = runs;
    expect(fair?.status).toBe(ENDINGS[flow.id] ?? "SUCCEEDED");
    // Every flow but one of Pass states alone has a step at which it is paused.
    if (flow.id !== "states/only-passes") expect(fair?.gates).toBeGreaterThan(0);
  });
});

it("names what would open each flow that a deployment's default refuses", async () => {
  const { unnamed, sets } = await publishByDefault(flows);
  expect(unnamed).toEqual(new Map());
  expect([...sets.keys()]).toEqual(
    expect.arrayContaining(["sqs", "activity", "aws-sdk:dynamodb", "readers", "lambda-any", "credentials"]),
  );
});
