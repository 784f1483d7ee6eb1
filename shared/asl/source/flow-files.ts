/** Returns the id of the flow that a file defines, from its name; undefined for other files. */
export const flowIdIn = (name: string): string | undefined =>
  /^(?<flowId>.+)\.asl\.(?:json|ya?ml)$/.exec(name)?.groups?.["flowId"];

/** The name of the file with the values of a flow's placeholders, in the same folder. */
export const substitutionsFile = (flowId: string): string => `${flowId}.substitutions.json`;
