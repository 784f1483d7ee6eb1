import { hasGatesOf } from "../../asl/gates/attached.ts";
import { firstGates } from "../../asl/gates/gated-states.ts";
import type { Machine } from "../../asl/parse/machine.ts";
import { KeyDenied } from "../../outbound/ports.ts";
import { attachedMachine, isRegistered } from "../../store/flows/attachments.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { FlowDependencies, TeamMachineDependencies } from "../deps.ts";
import { parseDefinition } from "./drift.ts";

/** A run on the machine of an attached flow. */
type AttachedRun = Pick<RunItem, "workspace" | "flowId" | "incarnation" | "machine">;

/** The reason why no execution of an attached machine can begin elsewhere than at its start; undefined if one can. */
export const beginningObstacle = (machine: Machine): string | undefined =>
  firstGates(machine) === undefined
    ? "The run's flow is attached, and a step without a gate comes before its first gate, so that every execution calls this step. Give that step a gate, and attach the flow again."
    : undefined;

/** Lambda's response, in which an execution of an attached flow gets each of the run's data, is limited to 256 KiB. */
const MAX_BYTES = 252 * 1_024;

/** The reason why a run of an attached flow cannot take this input or variable along, JSON texts; undefined if it can. */
export const dataObstacle = (texts: Iterable<string>): string | undefined =>
  [...texts].some((text) => Buffer.byteLength(text) > MAX_BYTES)
    ? `The run's flow is attached. Its executions can continue elsewhere with an input and with variables of up to ${MAX_BYTES} bytes of JSON each, and one of these is larger.`
    : undefined;

/**
 * The reason why no run can continue on that version of an attached flow: the machine has one definition, that of the active version. If it
 * has another text without gates, an execution would repeat the run's steps from the start.
 */
export const machineObstacle = async (
  deps: Pick<FlowDependencies, "flows"> & TeamMachineDependencies,
  { workspace, flowId, incarnation, machine }: AttachedRun,
  version: number,
): Promise<string | undefined> => {
  const flow = await deps.flows.read(workspace, flowId);
  const { attachment } = flow ?? {};
  const isSame = flow?.incarnation === incarnation && isRegistered(attachment);
  if (!isSame || attachment === undefined || attachedMachine({ attachment }) !== machine)
    return "The run's flow is no longer attached to its state machine. Attach it again first.";
  if (version !== flow.version) return otherVersion(flow.version, version);
  const text = await readText(deps, attachment.machineArn);
  if (text === "unreadable")
    return "Sluice cannot read the state machine's definition. Allow its functions to use the key of the definition.";
  const definition = text === undefined ? undefined : parseDefinition(text);
  if (definition !== undefined && hasGatesOf(definition, { incarnation, version })) return undefined;
  return "The state machine's definition has been replaced and has no gates, so that an execution would repeat the run's steps. Attach the state machine again first.";
};

/** The reason why a run cannot continue on a version that the machine no longer has. */
export const otherVersion = (active: number, version: number): string =>
  `The state machine has the definition of version ${active}, so the run cannot continue on version ${version}. Choose the latest version.`;

const readText = async (deps: TeamMachineDependencies, machineArn: string): Promise<string | undefined> => {
  try {
    return (await deps.teamMachines.describe(machineArn))?.definition;
  } catch (error) {
    if (error instanceof KeyDenied) return "unreadable";
    throw error;
  }
};
