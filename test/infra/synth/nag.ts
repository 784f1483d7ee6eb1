import { type App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";

/** `rule at path`, for each finding that was not acknowledged. */
export const findings = (scope: IConstruct, check = new AwsSolutionsChecks()): string[] =>
  check
    .validateScope(scope)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );

/** The same checks, ignoring acknowledgements. */
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

export const acceptances = (app: App): readonly Accepted[] =>
  app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({
        path: construct.node.path,
        rule: id.replace(/^annotation::/i, ""),
        reason,
      })),
  );

/** Acknowledgements without a finding. */
export const idleAcceptances = (app: App): readonly Accepted[] => {
  const all = findings(app, new Strict());
  return acceptances(app).filter(
    ({ path, rule }) =>
      !all.some((one) => one.startsWith(`${rule} at ${path}/`) || one === `${rule} at ${path}`),
  );
};
