import { CfnResource } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { acceptances, findings, idleAcceptances } from "./synth/nag.ts";
import { synthesize } from "./synth/synthesized.ts";

/** Everything that can be deployed, including Sluice's user pool with a program's client. */
const EVERYTHING = {
  issuer: undefined,
  audience: undefined,
  clients: { billing: { scopes: ["runs:dispatch"], workspaces: ["acme"] } },
};
const { app } = synthesize(EVERYTHING);

describe("the AwsSolutions rules", () => {
  it("find only what was acknowledged", () => {
    expect(findings(app)).toEqual([]);
  });

  it("find nothing in another instance, whose names are others", () => {
    expect(findings(synthesize({ ...EVERYTHING, instance: "orders" }).app)).toEqual([]);
  });

  it("do report problems: a plain bucket would be rejected", () => {
    const { app: other } = synthesize();
    const stack = other.node.findChild("sluice-data");
    new Bucket(stack, "planted");
    expect(findings(other)).toContain("AwsSolutions-S10 at sluice-data/planted/Resource");
  });

  it("are acknowledged with a reason each, on a single construct", () => {
    for (const { path, reason } of acceptances(app)) {
      expect(reason.split(" ").length, path).toBeGreaterThan(5);
      expect(path).toContain("/");
    }
  });

  it("are acknowledged only where they report something", () => {
    expect(idleAcceptances(app)).toEqual([]);
  });

  it("check every resource", () => {
    expect(app.node.findAll().some((one) => CfnResource.isCfnResource(one))).toBe(true);
  });
});
