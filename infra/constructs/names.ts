import { Lazy, Stack } from "aws-cdk-lib";
import type { Construct, IConstruct } from "constructs";
import { DEFAULT_INSTANCE, nameInInstance } from "../../shared/model/machines/machine-names.ts";

/**
 * Physical names. The instance is the first part of each one, so that an account can have several; in the code, names are written
 * as those of the instance `sluice`. The instance is in the context, where parameters.ts checks it.
 */
export const instanceOf = (scope: IConstruct): string => {
  const given: unknown = scope.node.tryGetContext("instance");
  return typeof given === "string" ? given : DEFAULT_INSTANCE;
};

/** Returns a name in its instance: `sluice-gate` is `orders-gate` in the instance `orders`. */
export const named = (scope: IConstruct, name: string): string => nameInInstance(instanceOf(scope), name);

/** Whether names that AWS keeps once for all regions (roles, dashboards, CloudFront) contain the region. */
export const areRegional = (scope: IConstruct): boolean => {
  const given: unknown = scope.node.tryGetContext("regionalNames");
  return given === undefined ? instanceOf(scope) !== DEFAULT_INSTANCE : String(given) === "true";
};

/** Returns the name of something that AWS keeps once for all regions. */
export const namedOnce = (scope: Construct, name: string): string =>
  areRegional(scope) ? `${named(scope, name)}-${Stack.of(scope).region}` : named(scope, name);

/** The same, as cdk-nag writes it in its findings. */
export const namedOnceForNag = (scope: IConstruct, name: string): string =>
  areRegional(scope) ? `${named(scope, name)}-<AWS::Region>` : named(scope, name);

/** The instance of the construct in whose template the value is. */
export const INSTANCE_OF_TEMPLATE = Lazy.uncachedString({ produce: ({ scope }) => instanceOf(scope) });
