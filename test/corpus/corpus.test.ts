import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { dailyPart } from "../harness/daily-part.ts";
import { publishByDefault } from "./deploy-default.ts";
import { readCorpus } from "./file/read-corpus.ts";
import { measure } from "./measure.ts";

/** `npm test` plays a sixth of the flows, another one each day; the nightly run plays all. */
const PARTS = Number(process.env["CORPUS_PARTS"] ?? 24);
const flows = await readCorpus(fileURLToPath(new URL("flows", import.meta.url)));
// Failing flows are part of the corpus, so the handlers' log lines about them are suppressed.
beforeAll(() => void vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT"));
afterAll(() => void vi.unstubAllEnvs());

/** The ends of flows whose names say how they end. */
const ENDINGS: Readonly<Record<string, string>> = {
  "calls/unhandled": "FAILED Lambda.ResourceNotFoundException",
  "states/deadline": "FAILED States.Timeout",
  "states/endless": "ENDLESS",
  "states/fail-path-astray": "FAILED States.Runtime",
  "states/fail-with-nothing": "FAILED",
  "states/fail-with-paths": "FAILED code",
};

describe("a flow of the corpus is published unchanged, and behaves with a pause as it does without Sluice", () => {
  it.each(flows.filter((_flow, index) => index % PARTS === dailyPart(PARTS)))("$id", async (flow) => {
    const { refused, differences, runs } = await measure(flow);
    expect({ refused, differences }).toEqual({ refused: undefined, differences: [] });
    const [fair] = runs;
    expect(fair?.status).toBe(ENDINGS[flow.id] ?? "SUCCEEDED");
    // Every flow except one of only Pass states has a step at which it is paused.
    if (flow.id !== "states/only-passes") expect(fair?.gates).toBeGreaterThan(0);
  });
});

it("names the set that permits each flow that the default of a deployment refuses", async () => {
  const { unnamed, sets } = await publishByDefault(flows);
  expect(unnamed).toEqual(new Map());
  expect([...sets.keys()]).toEqual(
    expect.arrayContaining(["sqs", "activity", "aws-sdk:dynamodb", "readers", "lambda-any", "credentials"]),
  );
});
