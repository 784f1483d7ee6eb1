import { type Compilation, type CompileInput, compileFlow } from "../../../shared/asl/compile.ts";
import type { Machine } from "../../../shared/asl/parse/machine.ts";
import { readMachine } from "../../../shared/asl/parse/read-machine.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";

export const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:";

const SETTINGS = {
  constants: { workspace: "acme", flowId: "order", incarnation: "i-1", version: 2 },
  functions: {
    gate: `${ARN}sluice-gate`,
    park: `${ARN}sluice-park`,
    humanStep: `${ARN}sluice-human-step`,
    continueAsNew: `${ARN}sluice-hand-over`,
  },
};

/** A definition that begins with the first of its states. */
export const flow = (States: JsonObject, more: JsonObject = {}): JsonObject => ({
  StartAt: Object.keys(States)[0] ?? "",
  States,
  ...more,
});

export const compile = (definition: unknown, more: Partial<CompileInput> = {}): Compilation =>
  compileFlow({ ...SETTINGS, ...more, definition: definition as JsonObject });

export function compiled(
  definition: unknown,
  more: Partial<CompileInput> = {},
): Extract<Compilation, { ok: true }> {
  const result = compile(definition, more);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result;
}

/** The errors of publishing a definition, each as `path: message`. */
export function errorsOf(definition: unknown, more: Partial<CompileInput> = {}): string[] {
  const result = compile(definition, more);
  return result.ok ? [] : result.errors.map(({ path, message }) => `${path}: ${message}`);
}

export function machineOrThrow(definition: JsonObject): Machine {
  const machine = readMachine(definition, (path, message) => {
    throw new Error(`${path}: ${message}`);
  });
  if (machine === undefined) throw new Error("No machine");
  return machine;
}
