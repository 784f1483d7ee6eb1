import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import { compileFlow } from "../compile.ts";

const definition = (partition: string): JsonObject => ({
  StartAt: "Ask",
  States: {
    Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "?" }, Next: "Charge" },
    Charge: {
      Type: "Task",
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Parameters: { FunctionName: "charge" },
      End: true,
    },
  },
});

const compiledIn = (partition: string, region: string): string => {
  const own = (name: string) => `arn:${partition}:lambda:${region}:111122223333:function:sluice-${name}`;
  const result = compileFlow({
    definition: definition(partition),
    constants: { workspace: "acme", flowId: "orders", incarnation: "abcdefghijklmnop", version: 1 },
    functions: {
      gate: own("gate"),
      park: own("park"),
      humanStep: own("human-step"),
      continueAsNew: own("hand-over"),
    },
    policy: {},
    taskRoleArn: `arn:${partition}:iam::111122223333:role/sluice-task-acme`,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return JSON.stringify(result.compiled);
};

const partitionsIn = (text: string) => new Set([...text.matchAll(/arn:([\w-]+):/g)].map(([, name]) => name));

describe.each([
  ["aws", "eu-west-1"],
  ["aws-us-gov", "us-gov-west-1"],
  ["aws-cn", "cn-north-1"],
])("the text compiled in the partition %s", (partition, region) => {
  const text = compiledIn(partition, region);

  it("names no other partition", () => {
    expect([...partitionsIn(text)]).toEqual([partition]);
  });

  it("calls the gate, the park and the approval through that partition's integration", () => {
    expect(text).toContain(`"arn:${partition}:states:::lambda:invoke"`);
    expect(text).toContain(`"arn:${partition}:states:::lambda:invoke.waitForTaskToken"`);
  });
});
