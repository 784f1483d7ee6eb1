import { App, Stage } from "aws-cdk-lib";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { refuseUnsupportedRegions } from "../../../infra/stacks/regions.ts";
import { synthesize } from "../synth/synthesized.ts";

const deploy = (region: string, context: Record<string, unknown>) =>
  refuseUnsupportedRegions(new App({ context }), { CDK_DEFAULT_REGION: region });
const OWN = { issuer: "https://login.example.com", audience: "sluice" };

describe.each(["us-gov-west-1", "cn-north-1", "eusc-de-east-1"])("a deployment to %s", (region) => {
  it("is refused with a user pool or a console, with the parameters to set", () => {
    expect(() => deploy(region, {})).toThrow(/user pool.*issuer and audience/);
    expect(() => deploy(region, { console: "false" })).toThrow(/user pool/);
    expect(() => deploy(region, { ...OWN, consoleClientId: "console" })).toThrow(
      /CloudFront.*console to false/,
    );
  });

  it("is accepted with an issuer and without a console", () => {
    for (const context of [OWN, { ...OWN, consoleClientId: "console", console: false }])
      expect(() => deploy(region, context)).not.toThrow();
  });
});

it("isolated partitions are refused", () => {
  expect(() => deploy("us-iso-east-1", OWN)).toThrow("EventBridge Scheduler");
  expect(() => deploy("us-isob-east-1", OWN)).toThrow("EventBridge Scheduler");
});

it("the region of a stage counts, and not that of the credentials", () => {
  const stage = new Stage(new App(), "china", { env: { region: "cn-north-1" } });
  const sluice = new Construct(stage, "Sluice");
  expect(() => refuseUnsupportedRegions(sluice, { CDK_DEFAULT_REGION: "eu-west-1" })).toThrow(
    /cn-north-1, AWS in China/,
  );
});

it("regions of the partition aws are accepted, and so is a synthesis without a region", () => {
  for (const region of ["eu-west-1", "us-east-1", "mx-central-1", "il-central-1"])
    expect(() => deploy(region, {})).not.toThrow();
  expect(() => refuseUnsupportedRegions(new App(), {})).not.toThrow();
});

it("without a console, no template names a partition or its hosts", () => {
  const { app } = synthesize({ console: false, workspaces: "acme" });
  for (const { stackName, template } of app.synth().stacks) {
    const named =
      JSON.stringify(template).match(/arn:aws[\w-]*:[^"]*|[\w.*-]+\.amazonaws\.com(?:\.cn)?/g) ?? [];
    // Names of service principals are the same in every partition.
    expect(
      named.filter((text) => !/^(lambda|states|scheduler|events|apigateway|sqs)\.amazonaws\.com$/.test(text)),
      stackName,
    ).toEqual([]);
  }
});
