import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";

type Conditions = Readonly<Record<string, unknown>>;

/** Returns a statement that allows actions on resources. */
export const allowing = (
  actions: readonly string[],
  resources: readonly string[],
  conditions: Conditions = {},
): PolicyStatement => new PolicyStatement({ actions: [...actions], resources: [...resources], conditions });

/** Returns a statement that denies actions on resources. */
export const denying = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ effect: Effect.DENY, actions: [...actions], resources: [...resources] });
