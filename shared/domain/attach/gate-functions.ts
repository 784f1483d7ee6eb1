import { workspaceAlias } from "../../model/machines/workspace-access.ts";
import type { AttachDependencies } from "../deps.ts";

/** Returns the ARNs of the functions that the machines of a workspace call: aliases, which prove the workspace. */
export const gateFunctions = (
  deps: Pick<AttachDependencies, "attachSettings">,
  workspace: string,
): { readonly gate: string; readonly park: string } => {
  const { gate, park } = deps.attachSettings().functions;
  const alias = workspaceAlias(workspace);
  return { gate: `${gate}:${alias}`, park: `${park}:${alias}` };
};
