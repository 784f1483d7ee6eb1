import type { JsonObject } from "../model/json/json.ts";
import { checkSchema } from "./checks/schema.ts";
import type { FlowConstants, TaskFunctions } from "./gates/plan.ts";
import { continuationOf } from "./history/continuation.ts";
import { structureWarnings } from "./history/warnings.ts";
import type { Machine } from "./parse/machine.ts";
import { generateNames } from "./parse/names.ts";
import { readMachine } from "./parse/parse.ts";
import { MAX_DEFINITION_BYTES } from "./parse/plain-json.ts";
import { collectProblems, type Problem, type Report } from "./parse/problems.ts";
import { sluiceField } from "./parse/sluice-field.ts";
import type { ResourcePolicy } from "./policy/policy.ts";
import { startingAt } from "./replay.ts";
import { generate } from "./states/generate.ts";
import { validate } from "./validate.ts";

export interface CompileInput {
  /** The user's Amazon States Language, with Sluice's additions. */
  readonly definition: JsonObject;
  readonly constants: FlowConstants;
  readonly functions: TaskFunctions;
  /** The role that every user Task assumes. */
  readonly taskRoleArn?: string;
  /** What user Tasks may call; Lambda functions alone by default. */
  readonly policy?: ResourcePolicy;
  /** A replay's machine: begins at this top-level state, without the states that it cannot reach. */
  readonly startAt?: string;
}

export type Compilation =
  | {
      readonly ok: true;
      readonly compiled: JsonObject;
      readonly warnings: readonly string[];
      /** The machine's own TimeoutSeconds, which the compiled text no longer has. */
      readonly timeoutSeconds?: number;
      /** A state asks for permissions of the running user. */
      readonly requires?: true;
      /** Every step asks a gate before it begins. */
      readonly gated?: true;
      /** Names of the states that are not the user's. */
      readonly generated: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly Problem[] };

/** Compiles a flow, or says what is wrong with it. Never throws, whatever the definition. */
export function compileFlow(input: CompileInput): Compilation {
  const { problems, report } = collectProblems();
  const warnings: string[] = [];
  const refused = (): Compilation => ({ ok: false, errors: problems });

  const written = readMachine(input.definition, report);
  if (written === undefined) return refused();
  validate(written, input.policy ?? {}, report, (message) => warnings.push(message));
  if (problems.length > 0) return refused();

  const machine = input.startAt === undefined ? written : startingAt(written, input.startAt, report);
  if (machine === undefined) return refused();
  warnings.push(...structureWarnings(machine));

  const names = generateNames(written.all.map((state) => state.name));
  const { TimeoutSeconds: timeoutSeconds } = machine.body;
  const deadline = typeof timeoutSeconds === "number" ? timeoutSeconds : undefined;
  const { constants, functions, taskRoleArn } = input;
  const continueAsNew = continuationOf(machine);
  const compiled = generate({
    ...{ machine, names, constants, functions, taskRoleArn, timeoutSeconds: deadline, continueAsNew },
  });

  checkResult(written, compiled, problems, report);
  if (problems.length > 0) return refused();
  return {
    ok: true,
    compiled,
    warnings: few(warnings),
    ...(deadline === undefined ? {} : { timeoutSeconds: deadline }),
    ...(machine.all.some((state) => sluiceField(state).requires.length > 0) ? { requires: true } : {}),
    ...(machine.all.every((state) => sluiceField(state).gate !== "none") ? { gated: true } : {}),
    generated: names.generated,
  };
}

/** The version's item keeps them all. */
const MAX_WARNINGS = 100;

const few = (warnings: readonly string[]): readonly string[] => {
  const more = warnings.length - MAX_WARNINGS;
  return more <= 0 ? warnings : [...warnings.slice(0, MAX_WARNINGS), `There are ${more} more of these.`];
};

/**
 * The compiled text holds the user's states, so asl-validator, which takes a fifth of a second, is only run over those when
 * it has found something, to name the user's state and field.
 */
function checkResult(
  written: Machine,
  compiled: JsonObject,
  problems: readonly Problem[],
  report: Report,
): void {
  const found = collectProblems();
  const gated = readMachine(compiled, found.report);
  if (gated !== undefined) checkSchema(gated, found.report);
  if (found.problems.length === 0) return;
  const large = tooLarge(compiled);
  if (large !== undefined) report("", large);
  else checkSchema(written, report);
  if (problems.length === 0) for (const { path, message } of found.problems) report(path, message);
}

function tooLarge(compiled: JsonObject): string | undefined {
  if (Buffer.byteLength(JSON.stringify(compiled)) <= MAX_DEFINITION_BYTES) return undefined;
  return `With its gates the flow has more than ${MAX_DEFINITION_BYTES} bytes, which is the most that Step Functions takes; split it into several flows.`;
}
