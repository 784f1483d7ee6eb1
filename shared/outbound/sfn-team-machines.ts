import {
  DescribeStateMachineCommand,
  KmsAccessDeniedException,
  ListExecutionsCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  type SFNClient,
  StateMachineDeleting,
  StateMachineDoesNotExist,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { KeyDenied, type TeamMachines } from "./ports.ts";

/** Reads and updates attached state machines through the AWS SDK. */
export const sfnTeamMachines = (client: SFNClient): TeamMachines => ({
  async describe(stateMachineArn) {
    try {
      const found = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
      if (found.definition === undefined || found.status === "DELETING") return undefined;
      return { definition: found.definition, roleArn: found.roleArn ?? "", type: found.type ?? "" };
    } catch (error) {
      if (error instanceof StateMachineDoesNotExist || error instanceof StateMachineDeleting)
        return undefined;
      throw await keyDenied(client, stateMachineArn, "kms:Decrypt", error);
    }
  },

  async tag(resourceArn, name) {
    const { tags = [] } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    return tags.find(({ key }) => key === name)?.value;
  },

  async update(stateMachineArn, definition) {
    try {
      await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    } catch (error) {
      throw await keyDenied(client, stateMachineArn, "kms:GenerateDataKey", error);
    }
  },

  async recentExecutions(stateMachineArn, maxResults) {
    const request = { stateMachineArn, statusFilter: "SUCCEEDED", maxResults } as const;
    const { executions = [] } = await client.send(new ListExecutionsCommand(request));
    return executions.map(({ executionArn }) => executionArn).filter((arn) => arn !== undefined);
  },

  async versions(stateMachineArn, maxResults) {
    const { stateMachineVersions = [] } = await client.send(
      new ListStateMachineVersionsCommand({ stateMachineArn, maxResults }),
    );
    return stateMachineVersions
      .map(({ stateMachineVersionArn }) => stateMachineVersionArn)
      .filter((arn) => arn !== undefined);
  },
});

/** Returns the error with the key that the machine's text is encrypted with, if that key is its reason. */
const keyDenied = async (
  client: SFNClient,
  stateMachineArn: string,
  action: KeyDenied["action"],
  error: unknown,
): Promise<unknown> => {
  if (!(error instanceof KmsAccessDeniedException)) return error;
  const request = { stateMachineArn, includedData: "METADATA_ONLY" } as const;
  const { encryptionConfiguration } = await client.send(new DescribeStateMachineCommand(request));
  return new KeyDenied(action, encryptionConfiguration?.kmsKeyId ?? "the key of the state machine");
};
