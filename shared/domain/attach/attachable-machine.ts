import type { TeamMachine } from "../../outbound/ports.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { attachRefused } from "../refusals.ts";

/** The tag by which the owner of a machine lets a workspace attach it. */
const WORKSPACE_TAG = "sluice:workspace";

/**
 * Returns the machine if the workspace may attach it. Whoever attaches writes a text that runs with another team's role, so the deployer
 * names the machines of each workspace, and their owner agrees by a tag. Throws `attach_refused`.
 */
export const attachableMachine = async (
  deps: AttachDependencies,
  workspace: string,
  machineArn: string,
): Promise<TeamMachine> => {
  const name = nameIn(deps, machineArn);
  const { patterns, tagged } = deps.attachSettings();
  if (!patterns(workspace).some((pattern) => matches(pattern, name)))
    throw attachRefused(
      `The workspace ${workspace} may not attach the state machine ${name}. Ask the deployer of Sluice to add it to \`attachable\`.`,
    );
  const machine = await deps.teamMachines.describe(machineArn);
  if (machine === undefined) throw attachRefused(`There is no state machine ${machineArn}`);
  if (tagged && (await deps.teamMachines.tag(machineArn, WORKSPACE_TAG)) !== workspace)
    throw attachRefused(
      `The state machine ${name} has no tag ${WORKSPACE_TAG} with the value ${workspace}. Its owner adds the tag to agree.`,
    );
  if (machine.type !== "STANDARD")
    throw attachRefused(
      `The state machine ${name} is ${machine.type}. Only a STANDARD one can be paused, because the executions of others end after five minutes.`,
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
      `Give the ARN of a state machine in Sluice's own region and account, without a version or alias: ${prefix}<name>`,
    );
  if (name.startsWith(`${instance}-`))
    throw attachRefused(`The state machine ${name} belongs to Sluice itself`);
  return name;
};

/** `*` stands for any characters. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`).test(name);
const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");

/** Gives the machine to the flow. A flow that took it and died before it was created has no claim. Throws `attach_refused`. */
export const claimMachine = async (
  deps: AttachDependencies,
  machineArn: string,
  flow: FlowIdentity,
): Promise<void> => {
  const owner = await otherOwner(deps, machineArn, flow);
  if (owner === "none") return;
  if (!(await deps.attachments.claim(machineArn, flow, owner)))
    throw attachRefused("Another flow is being attached to the state machine at this moment");
};

/** Returns the flow that has a claim without a right to it; `none` where the machine is the flow's own. Throws `attach_refused`. */
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
  // The name of another workspace's flow is not told.
  const whose = workspace === flow.workspace ? `the flow ${flowId}` : "a flow of another workspace";
  throw attachRefused(`The state machine is attached to ${whose} already. Detach it there first.`);
};
