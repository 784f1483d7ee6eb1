import type { AttachDependencies } from "../deps.ts";

/** Returns the ARNs of the functions that the machines of a workspace call: aliases, which prove the workspace. */
export const gateFunctions = (
  deps: Pick<AttachDependencies, "attachSettings">,
  workspace: string,
): { readonly gate: string; readonly park: string } => {
  const { gate, park } = deps.attachSettings().functions;
  return { gate: `${gate}:ws-${workspace}`, park: `${park}:ws-${workspace}` };
};
