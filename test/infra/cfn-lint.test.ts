import { describe, expect, it } from "vitest";
import { lint, type RULES, type Template } from "./synth/cfn-lint.ts";
import { synthesize } from "./synth/synthesized.ts";

const good: Template = {
  Parameters: { Size: { Type: "String" } },
  Resources: {
    queue: { Type: "AWS::SQS::Queue", Properties: { Tags: [{ Key: "size", Value: { Ref: "Size" } }] } },
  },
};
const withResource = (resource: object): Template => ({
  ...good,
  Resources: { ...good.Resources, extra: resource },
});
const many = (count: number, value: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, value]));
const queue = (properties: object, attributes: object = {}) =>
  withResource({ Type: "AWS::SQS::Queue", Properties: properties, ...attributes });

/** A template for each rule that breaks it. */
const BROKEN: Readonly<Record<keyof typeof RULES, Template>> = {
  E1001: { ...good, Resource: {} } as Template,
  E1002: queue({ QueueName: "x".repeat(1_000_001) }),
  E1010: queue({ QueueName: { "Fn::GetAtt": ["nothing", "Arn"] } }),
  E1019: queue({ QueueName: { "Fn::Sub": "a-${nothing}" } }),
  E1020: queue({ QueueName: { Ref: "nothing" } }),
  E1022: queue({ QueueName: { "Fn::Join": ["-", "a", "b"] } }),
  E3001: withResource({ Type: "SQS", Properties: {} }),
  E3004: queue({ QueueName: { Ref: "extra" } }),
  E3005: queue({}, { DependsOn: ["nothing"] }),
  E3006: { ...good, Resources: { "a-b": { Type: "AWS::SQS::Queue" } } },
  E3007: { ...good, Parameters: { queue: {} } },
  E3010: { ...good, Resources: many(501, { Type: "AWS::SQS::Queue" }) },
  E3015: queue({}, { Condition: "nothing" }),
  E3035: queue({}, { DeletionPolicy: "Keep", UpdateReplacePolicy: "Retain" }),
  E3510: withResource({
    Type: "AWS::IAM::ManagedPolicy",
    Properties: { PolicyDocument: { Version: "2012-10-18", Statement: [] } },
  }),
  E6002: { ...good, Outputs: { url: {} } },
  E6010: { ...good, Outputs: many(201, { Value: "x" }) },
  W2001: { ...good, Resources: { queue: { Type: "AWS::SQS::Queue" } } },
  W3011: queue({}, { DeletionPolicy: "Retain" }),
};

describe("the rules of cfn-lint", () => {
  const everything = {
    issuer: undefined,
    audience: undefined,
    clients: { billing: { scopes: ["runs:dispatch"], workspaces: ["acme"] } },
  };

  it.each(
    synthesize(everything)
      .app.synth()
      .stacks.map(({ stackName, template }) => [stackName, template]),
  )("find nothing in %s", (_name, template) => {
    expect(lint(template as Template)).toEqual([]);
  });

  it("find nothing in a good template", () => {
    expect(lint(good)).toEqual([]);
  });

  it.each(Object.entries(BROKEN))("%s finds a template that breaks it", (rule, template) => {
    expect(lint(template).map((finding) => finding.split(":")[0])).toContain(rule);
  });
});
