import { describe, expect, it } from "vitest";
import { functionArn } from "../../local/aws/function-name.ts";
import { compileFlow } from "../../shared/asl/compile.ts";
import type { Json } from "../../shared/model/json/json.ts";
import { machineName } from "../../shared/model/machines/machine-names.ts";
import { CATALOGUE } from "./catalogue.ts";
import { readRelease, releases } from "./release.ts";

const [newest = ""] = releases().toReversed();

const present = (flowId: string, incarnation: string, startAt?: string): Json => {
  const compilation = compileFlow({
    definition: CATALOGUE[flowId]?.definition ?? {},
    constants: { workspace: "demo", flowId, incarnation, version: 1 },
    functions: {
      gate: functionArn("sluice-gate"),
      park: functionArn("sluice-park"),
      humanStep: functionArn("sluice-human-step"),
      continueAsNew: functionArn("sluice-hand-over"),
    },
    ...(startAt === undefined ? {} : { startAt }),
  });
  return compilation.ok ? compilation.compiled : null;
};

describe(`the compiler since release ${newest}`, () => {
  const release = readRelease(newest);
  const flows = release.flows.map((flow) => [flow.flowId, flow] as const);

  it("recorded every flow of the catalogue in its release", () => {
    const recorded = release.flows.map(({ flowId, definition }) => [flowId, definition]);
    const catalogue = Object.entries(CATALOGUE).map(([flowId, { definition }]) => [flowId, definition]);
    expect(Object.fromEntries(recorded)).toEqual(Object.fromEntries(catalogue));
  });

  // A difference is not a defect: the text belongs to another release. CONTRIBUTING.md says what to do.
  it.each(flows)("produces the same text: %s", (flowId, { incarnation }) => {
    expect(present(flowId, incarnation)).toEqual(release.machines[machineName("demo", incarnation)]);
    const state = CATALOGUE[flowId]?.replayFrom;
    if (state === undefined) return;
    const replay = machineName("demo", incarnation, { version: 1, state });
    expect(present(flowId, incarnation, state)).toEqual(release.machines[replay]);
  });
});
