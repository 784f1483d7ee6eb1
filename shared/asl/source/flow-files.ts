/** Returns the id of the flow that a file defines, from its name; undefined for other files. */
export const flowIdIn = (name: string): string | undefined =>
  /^(?<flowId>.+)\.asl\.(?:json|ya?ml)$/.exec(name)?.groups?.["flowId"];

/** The id of the flow whose sources a file of the local stack declares, from its name; undefined for other files. */
export const sourcesFlowIn = (name: string): string | undefined =>
  /^(?<flowId>.+)\.triggers\.json$/.exec(name)?.groups?.["flowId"];

/** The name of the file with the values of a flow's placeholders, in the same folder. */
export const substitutionsFile = (flowId: string): string => `${flowId}.substitutions.json`;
