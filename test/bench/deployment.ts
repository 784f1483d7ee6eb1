import { plain, type Resource, type Synthesized, synthesize } from "../infra/synth/synthesized.ts";

let synthesized: Synthesized | undefined;

/** The stacks as deployed with the default settings, including sign-in and console. They are synthesized once. */
const deployment = (): Synthesized => {
  synthesized ??= synthesize({ issuer: undefined, audience: undefined });
  return synthesized;
};

/** Resources of all stacks, by type. */
export const deployedResources = (): ReadonlyMap<string, readonly Resource[]> => {
  const byType = new Map<string, Resource[]>();
  for (const { template } of deployment().app.synth().stacks) {
    for (const resource of Object.values((template as { Resources: Record<string, Resource> }).Resources)) {
      byType.set(resource.Type, [...(byType.get(resource.Type) ?? []), resource]);
    }
  }
  return byType;
};

/** Memory of each of Sluice's functions as deployed, in MB. */
export const deployedMemory = (): ReadonlyMap<string, number> =>
  new Map(
    (deployedResources().get("AWS::Lambda::Function") ?? [])
      .filter(({ Properties }) => Properties["FunctionName"] !== undefined)
      .map(({ Properties }) => [plain(Properties["FunctionName"]), Number(Properties["MemorySize"] ?? 128)]),
  );
