import {
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  KmsAccessDeniedException,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  ResourceNotFound,
  type SFNClient,
  StateMachineDeleting,
  StateMachineDoesNotExist,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
  ValidationException,
} from "@aws-sdk/client-sfn";
import { KeyDenied, type TeamMachines } from "./ports.ts";

/** Reads and updates attached state machines through the AWS SDK. */
/** Answers about an alias, or a version, that does not exist any more. */
const NOT_THERE = [ResourceNotFound, ValidationException, StateMachineDeleting];

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

  async publish(stateMachineArn, definition) {
    try {
      const { stateMachineVersionArn } =
        definition === undefined
          ? await client.send(new PublishStateMachineVersionCommand({ stateMachineArn }))
          : await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition, publish: true }));
      if (stateMachineVersionArn === undefined) throw new Error("The answer has no version");
      return stateMachineVersionArn;
    } catch (error) {
      throw await keyDenied(client, stateMachineArn, "kms:GenerateDataKey", error);
    }
  },

  async aliases(stateMachineArn, maxResults) {
    const { stateMachineAliases = [] } = await client.send(
      new ListStateMachineAliasesCommand({ stateMachineArn, maxResults }),
    );
    return stateMachineAliases.map(
      ({ stateMachineAliasArn = "" }) => stateMachineAliasArn.split(":").at(-1) ?? "",
    );
  },

  async routes(stateMachineAliasArn) {
    try {
      const { routingConfiguration = [] } = await client.send(
        new DescribeStateMachineAliasCommand({ stateMachineAliasArn }),
      );
      return routingConfiguration.map(({ stateMachineVersionArn = "", weight = 0 }) => ({
        ...{ versionArn: stateMachineVersionArn, weight },
      }));
    } catch (error) {
      if (error instanceof ResourceNotFound) return undefined;
      throw error;
    }
  },

  async moveAlias(stateMachineAliasArn, routes) {
    const routingConfiguration = routes.map(({ versionArn, weight }) => ({
      ...{ stateMachineVersionArn: versionArn, weight },
    }));
    try {
      await client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration }));
      return true;
    } catch (error) {
      if (NOT_THERE.some((kind) => error instanceof kind)) return false;
      throw error;
    }
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
