import { hasGatesOf } from "../../asl/gates/attached.ts";
import { contentHash } from "../../model/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { KeyDenied } from "../../outbound/ports.ts";
import type { Attachment, FlowItem } from "../../store/flows/flow-item.ts";
import type { TeamMachineDependencies } from "../deps.ts";
import { haveAliasesDrifted } from "./alias-routes.ts";

/** Parses a machine's definition; undefined if it is not a JSON object. */
export const parseDefinition = (text: string): JsonObject | undefined => {
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Returns the version whose gates the attached machine's definition contains; undefined if Sluice did not write it. */
export const writtenVersion = (attachment: Attachment | undefined, text: string): number | undefined => {
  const definition = parseDefinition(text);
  if (attachment === undefined || definition === undefined) return undefined;
  const hash = contentHash(definition);
  const { text: written, writing } = attachment;
  return [written, writing].find((one) => one?.hash === hash)?.version;
};

/**
 * Whether the attached machine no longer has the definition with Sluice's gates, or no longer exists, or one of its aliases no longer points
 * to the gates to which it was moved.
 */
export const hasDrifted = async (deps: TeamMachineDependencies, flow: FlowItem): Promise<boolean> => {
  const { attachment } = flow;
  if (attachment === undefined) return false;
  const machine = await orUnreadable(() => deps.teamMachines.describe(attachment.machineArn));
  if (machine === "unreadable") return false;
  if (machine === undefined) return true;
  const { definition } = machine;
  if (writtenVersion(attachment, definition) === undefined) return !isBeingDeployed(flow, definition);
  return haveAliasesDrifted(deps, attachment);
};

/** Whether the text is that of the version that a template is deploying at this moment. */
const isBeingDeployed = ({ incarnation, registration }: FlowItem, text: string): boolean => {
  const definition = parseDefinition(text);
  if (registration === undefined || definition === undefined) return false;
  return hasGatesOf(definition, { incarnation, version: registration.version });
};

/** Whether the definition was replaced. A machine whose key Sluice may no longer use counts as unchanged. */
const orUnreadable = async <Result>(read: () => Promise<Result>): Promise<Result | "unreadable"> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KeyDenied) return "unreadable";
    throw error;
  }
};
