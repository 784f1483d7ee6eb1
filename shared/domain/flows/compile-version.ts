import { type Compilation, type CompileInput, compileFlow } from "../../asl/compile.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { CompileSettings } from "../deps.ts";
import { invalidDefinition } from "../refusals.ts";
import type { ReadDefinition } from "./read-definition.ts";

export type Compiled = Extract<Compilation, { ok: true }>;

/**
 * Compiles a version of a flow, the machine of a replay, or an arrival machine. Throws `invalid_definition`, which names the user's states and
 * fields and their positions in the user's text.
 */
export const compileVersion = (
  settings: CompileSettings,
  flow: FlowIdentity,
  version: number,
  definition: JsonObject,
  { startAt, arrival, place }: Pick<CompileInput, "startAt" | "arrival"> & Pick<ReadDefinition, "place"> = {},
): Compiled => {
  const { workspace, flowId, incarnation } = flow;
  const { functions, allowedResources, taskRoleArn } = settings;
  const compilation = compileFlow({
    definition,
    constants: { workspace, flowId, incarnation, version },
    functions,
    policy: { allow: allowedResources },
    ...(taskRoleArn === undefined ? {} : { taskRoleArn: taskRoleArn.replaceAll("{workspace}", workspace) }),
    ...(startAt === undefined ? {} : { startAt }),
    ...(arrival === undefined ? {} : { arrival }),
  });
  if (compilation.ok) return compilation;
  throw invalidDefinition(compilation.errors.map((error) => ({ ...error, ...place?.(error.path) })));
};
