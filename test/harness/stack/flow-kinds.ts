import type { JsonObject } from "../../../shared/model/json/json.ts";
import { FLOW_KINDS, type FlowKind } from "../domain/flow-kinds.ts";
import { Team, type TeamMachine } from "./team-machine.ts";
import type { TestStack } from "./test-stack.ts";

export { FLOW_KINDS, type FlowKind };

/** Publishes the flow, or attaches it to a new machine of a team, which it returns. */
export const publishAs = async (
  kind: FlowKind,
  { admin, url }: Pick<TestStack, "admin" | "url">,
  flowId: string,
  definition: JsonObject,
): Promise<TeamMachine | undefined> => {
  if (kind === "managed") {
    await admin.publish(flowId, definition);
    return undefined;
  }
  const machine = await new Team(url).create(flowId, definition);
  await admin.expect([200], "POST", `/flows/${flowId}/attach`, { stateMachineArn: machine.arn });
  return machine;
};
