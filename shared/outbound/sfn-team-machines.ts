import {
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  type SFNClient,
  StateMachineDeleting,
  StateMachineDoesNotExist,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { TeamMachines } from "./ports.ts";

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
      throw error;
    }
  },

  async tag(resourceArn, name) {
    const { tags = [] } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    return tags.find(({ key }) => key === name)?.value;
  },

  async update(stateMachineArn, definition) {
    await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
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
