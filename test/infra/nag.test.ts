import { CfnResource, Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { describe, expect, it } from "vitest";
import { synthesize } from "./synthesized.ts";

/** Everything that can be deployed: a user pool of Sluice's own, with a program's client. */
const EVERYTHING = {
  issuer: undefined,
  audience: undefined,
  clients: { billing: { scopes: ["runs:dispatch"], workspaces: ["acme"] } },
};
const { app } = synthesize(EVERYTHING);

/** `rule at path`, for each finding that nobody accepted. */
const findings = (scope: IConstruct, check = new AwsSolutionsChecks()): string[] =>
  check
    .validateScope(scope)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );

/** The same checks, deaf to what was accepted. */
class Strict extends AwsSolutionsChecks {
  override validateScope(scope: IConstruct) {
    Reflect.set(this, "isAcknowledged", () => false);
    return super.validateScope(scope);
  }
}

interface Accepted {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}
const accepted: readonly Accepted[] = app.node.findAll().flatMap((construct) =>
  construct.node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>))
    .map(([id, reason]) => ({
      path: construct.node.path,
      rule: id.replace(/^annotation::/i, ""),
      reason,
    })),
);

describe("the AwsSolutions rules", () => {
  it("find nothing that was not accepted", () => {
    expect(findings(app)).toEqual([]);
  });

  it("do find: a plain bucket would be refused", () => {
    const { app: other } = synthesize();
    const stack = other.node.findChild("sluice-data");
    new Bucket(stack, "planted");
    expect(findings(other)).toContain("AwsSolutions-S10 at sluice-data/planted/Resource");
  });

  it("were accepted with a reason each, on a single construct", () => {
    for (const { path, reason } of accepted) {
      expect(reason.split(" ").length, path).toBeGreaterThan(5);
      expect(path).toContain("/");
    }
  });

  it("were accepted only where there is something to accept", () => {
    const all = findings(app, new Strict());
    const idle = accepted.filter(
      ({ path, rule }) =>
        !all.some((one) => one.startsWith(`${rule} at ${path}/`) || one === `${rule} at ${path}`),
    );
    expect(idle).toEqual([]);
  });

  it("look at every resource", () => {
    expect(app.node.findAll().some((one) => CfnResource.isCfnResource(one))).toBe(true);
  });
});
