import { type IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import type { MachineRoles } from "./ports.ts";

const INVOKE = "lambda:InvokeFunction";

/**
 * Reads the permissions of roles through the AWS SDK. IAM simulates the role's own policies, but not those of the organization, nor
 * conditions that depend on the call.
 */
export const iamMachineRoles = (client: IAMClient): MachineRoles => ({
  async notCallable(PolicySourceArn, functionArns) {
    const { EvaluationResults = [] } = await client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ActionNames: [INVOKE],
        ResourceArns: [...functionArns],
      }),
    );
    const allowed = new Set(
      EvaluationResults.flatMap(({ EvalDecision, EvalResourceName, ResourceSpecificResults }) => [
        ...(EvalDecision === "allowed" ? [EvalResourceName] : []),
        ...(ResourceSpecificResults ?? [])
          .filter(({ EvalResourceDecision }) => EvalResourceDecision === "allowed")
          .map((result) => result.EvalResourceName),
      ]),
    );
    return functionArns.filter((arn) => !allowed.has(arn));
  },
});
