import { namePattern } from "../../model/machines/name-pattern.ts";
import { WORKSPACE_TAG } from "../../model/machines/workspace-access.ts";
import type { TeamMachine } from "../../outbound/ports.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { attachRefused } from "../refusals.ts";

/**
 * Returns the machine if the workspace may attach it. Attaching writes a definition that runs with another team's role, so the deployer
 * lists the machines of each workspace, and their owner consents with a tag. Throws `attach_refused`.
 */
export const attachableMachine = async (
  deps: AttachDependencies,
  workspace: string,
  machineArn: string,
): Promise<TeamMachine> => {
  const name = nameIn(deps, machineArn);
  const { patterns, tagged } = deps.attachSettings();
  if (!patterns(workspace).some((pattern) => namePattern(pattern).test(name)))
    throw attachRefused(
      `The workspace ${workspace} may not attach the state machine ${name}. Ask the deployer of Sluice to add it to \`attachable\`.`,
    );
  const machine = await deps.teamMachines.describe(machineArn);
  if (machine === undefined)
    throw attachRefused(`The state machine ${machineArn} does not exist. Check the ARN.`);
  if (tagged && (await deps.teamMachines.tag(machineArn, WORKSPACE_TAG)) !== workspace)
    throw attachRefused(
      `The state machine ${name} has no tag ${WORKSPACE_TAG} with the value ${workspace}. Ask its owner to add the tag.`,
    );
  if (machine.type !== "STANDARD")
    throw attachRefused(
      `The state machine ${name} is ${machine.type}. Only STANDARD state machines can be attached, because an EXPRESS execution ends after five minutes at most.`,
    );
  return machine;
};

const nameIn = (
  { machinePlace: { arnPrefix, instance } }: AttachDependencies,
  machineArn: string,
): string => {
  const prefix = `${arnPrefix}:stateMachine:`;
  const name = machineArn.slice(prefix.length);
  if (!machineArn.startsWith(prefix) || name.includes(":"))
    throw attachRefused(
      `The ARN must be that of a state machine in Sluice's own region and account, without a version or alias: ${prefix}<name>`,
    );
  if (name.startsWith(`${instance}-`))
    throw attachRefused(
      `The state machine ${name} is one of Sluice's own. Attach a state machine that your team deploys.`,
    );
  return name;
};

/** Claims the machine for the flow. A claim whose flow was never created does not count. Throws `attach_refused`. */
export const claimMachine = async (
  deps: AttachDependencies,
  machineArn: string,
  flow: FlowIdentity,
): Promise<void> => {
  const owner = await otherOwner(deps, machineArn, flow);
  if (owner === "none") return;
  if (!(await deps.attachments.claim(machineArn, flow, owner)))
    throw attachRefused(
      "Another flow is being attached to the state machine right now. Try again when that has finished.",
    );
};

/** Returns the flow whose claim does not count, if there is one; `none` if the machine is the flow's own. Throws `attach_refused`. */
export const otherOwner = async (
  deps: AttachDependencies,
  machineArn: string,
  flow: FlowIdentity,
): Promise<FlowIdentity | undefined | "none"> => {
  const owner = await deps.attachments.ownerOf(machineArn);
  if (owner === undefined) return undefined;
  const { workspace, flowId, incarnation } = owner;
  if (workspace === flow.workspace && flowId === flow.flowId && incarnation === flow.incarnation)
    return "none";
  const holder = await deps.flows.read(workspace, flowId);
  if (holder?.incarnation !== incarnation || holder.attachment?.machineArn !== machineArn) return owner;
  // The name of another workspace's flow is not disclosed.
  const whose = workspace === flow.workspace ? `the flow ${flowId}` : "a flow of another workspace";
  throw attachRefused(`The state machine is already attached to ${whose}. Detach that flow first.`);
};
