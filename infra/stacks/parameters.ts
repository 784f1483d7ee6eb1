import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { z } from "zod";
import { workspaceIdSchema } from "../../shared/model/flow.ts";

/** `-c name=a,b` on the command line, or a list in cdk.json. */
const list = <T extends z.ZodType<unknown, string>>(item: T) =>
  z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").filter((part) => part !== "") : value),
    z.array(item),
  );

const parametersSchema = z.strictObject({
  issuer: z.url().optional(),
  audience: list(z.string().min(1)).default([]),
  platformClaim: z.string().min(1).default("sluice:platform_admin"),
  workspacesClaim: z.string().min(1).default("sluice:workspaces"),
  workspaces: list(workspaceIdSchema).default([]),
  taskTag: z.string().min(1).max(128).default("sluice:workspace"),
  allowedResources: list(z.string().min(1)).default([]),
  logRetentionDays: z.coerce.number().pipe(z.enum(RetentionDays)).default(RetentionDays.THREE_MONTHS),
  alarmTopicArn: z.string().startsWith("arn:").optional(),
});

/** What a deployer may set, as CDK context (`-c name=value` or cdk.json); docs/deploying.md says what each one means. */
export type Parameters = z.infer<typeof parametersSchema>;

/**
 * Reads the deployment's parameters from the context of a construct.
 * Throws with the parameter's name when a value is not usable.
 */
export const readParameters = (scope: Construct): Parameters => {
  const given = Object.keys(parametersSchema.shape)
    .map((name) => [name, scope.node.tryGetContext(name)] as const)
    .filter(([, value]) => value !== undefined);
  const result = parametersSchema.safeParse(Object.fromEntries(given));
  if (!result.success) throw new Error(`Deployment parameters: ${z.prettifyError(result.error)}`);
  return result.data;
};
