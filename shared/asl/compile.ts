import type { JsonObject } from "../model/json/json.ts";
import { checkHumanSteps } from "./checks/approvals-and-forms.ts";
import { checkLanguage } from "./checks/language.ts";
import { checkReservedNames } from "./checks/reserved-names.ts";
import { checkSluiceFields } from "./checks/sluice-fields.ts";
import {
  type AttributeIndex,
  attributeIndex,
  checkDefinitionField,
  expectedDuration,
} from "./definition-field.ts";
import { checkAttachable } from "./gates/check-attachable.ts";
import { firstGates } from "./gates/gated-states.ts";
import { generateNames } from "./gates/generated-names.ts";
import type { AttachedPlan, FlowConstants, TaskFunctions } from "./gates/plan.ts";
import { arrivalPlan, continueAsNewPlan } from "./history/continue-as-new.ts";
import { structureWarnings } from "./history/warnings.ts";
import type { Machine } from "./parse/machine.ts";
import { MAX_DEFINITION_BYTES } from "./parse/plain-json.ts";
import { collectProblems, type Problem, type Report, withoutConsequences } from "./parse/problems.ts";
import { readMachine } from "./parse/read-machine.ts";
import { sluiceField } from "./parse/sluice-field.ts";
import { checkPolicy, type ResourcePolicy } from "./policy/policy.ts";
import { startingAt } from "./replay.ts";
import { generate } from "./states/generate.ts";

export interface CompileInput {
  /** The user's Amazon States Language, including Sluice's additions. */
  readonly definition: JsonObject;
  readonly constants: FlowConstants;
  readonly functions: TaskFunctions;
  /** The role that every Task of the user assumes. */
  readonly taskRoleArn?: string;
  /** The resources that Tasks may call; by default only Lambda functions. */
  readonly policy?: ResourcePolicy;
  /** For a replay: the top-level state at which the machine starts. States that cannot be reached from it are omitted. */
  readonly startAt?: string;
  /** For the arrival machine of a version: its executions begin where their run has been sent, at any top-level state. */
  readonly arrival?: true;
  /** Set for an attached flow: the machine's own role calls the gates and the user's resources. */
  readonly attached?: AttachedPlan;
}

export type Compilation =
  | {
      readonly ok: true;
      readonly compiled: JsonObject;
      readonly warnings: readonly string[];
      /** The machine's own TimeoutSeconds, which the compiled text does not contain. */
      readonly timeoutSeconds?: number;
      /** Whether a state requires permissions of the running user. */
      readonly requires?: true;
      /** Whether every step has a gate. */
      readonly gated?: true;
      /** The expressions of the runs' attributes. */
      readonly index?: AttributeIndex;
      /** How long a run is expected to last, an ISO 8601 duration. */
      readonly expect?: string;
      /** The names of generated states. */
      readonly generated: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly Problem[] };

/** Compiles a flow or returns the reasons why it is rejected. Never throws. */
export function compileFlow(input: CompileInput): Compilation {
  const { problems, report } = collectProblems();
  const warnings: string[] = [];
  const refused = (): Compilation => ({ ok: false, errors: withoutConsequences(problems) });

  const { attached } = input;
  const written = readMachine(input.definition, report, { freeChildren: attached !== undefined });
  if (written === undefined) return refused();
  validate(written, input, report, (message) => warnings.push(message));
  if (problems.length > 0) return refused();

  const machine = input.startAt === undefined ? written : startingAt(written, input.startAt, report);
  if (machine === undefined) return refused();
  warnings.push(...structureWarnings(machine, attached === undefined));

  const names = generateNames(written.all.map((state) => state.name));
  const { TimeoutSeconds: timeoutSeconds } = machine.body;
  const deadline = typeof timeoutSeconds === "number" ? timeoutSeconds : undefined;
  const { constants, functions, taskRoleArn } = input;
  const continueAsNew = attached === undefined ? continueAsNewPlan(machine) : undefined;
  const compiled = generate({
    ...{
      machine,
      names,
      constants,
      functions,
      taskRoleArn,
      timeoutSeconds: deadline,
      continueAsNew,
      arrival: begins(machine, input) ? arrivalPlan(machine) : undefined,
      attached,
    },
  });

  const index = attributeIndex(machine.body);
  const expect = expectedDuration(machine.body);
  const large = tooLarge(compiled);
  if (large !== undefined) {
    report("", large);
    return refused();
  }
  return {
    ok: true,
    compiled,
    warnings: few(warnings),
    ...(deadline === undefined ? {} : { timeoutSeconds: deadline }),
    ...(machine.all.some((state) => sluiceField(state).requires.length > 0) ? { requires: true } : {}),
    ...(machine.all.every((state) => sluiceField(state).gate !== "none") ? { gated: true } : {}),
    ...(index === undefined ? {} : { index }),
    ...(expect === undefined ? {} : { expect }),
    generated: names.generated,
  };
}

/** Whether executions may begin at any top-level state. */
const begins = (machine: Machine, { arrival, attached }: CompileInput): boolean =>
  attached === undefined ? arrival === true : firstGates(machine) !== undefined;

function validate(
  machine: Machine,
  { policy = {}, functions, attached }: CompileInput,
  report: Report,
  warn: (message: string) => void,
): void {
  checkLanguage(machine, report);
  checkReservedNames(machine, report);
  checkDefinitionField(machine, report);
  checkSluiceFields(machine, report, warn);
  checkHumanSteps(machine, report);
  // An attached machine is limited by its role.
  if (attached === undefined) checkPolicy(machine, policy, functions.gate, report);
  else checkAttachable(machine, report);
}

/** All warnings are stored in the version's item. */
const MAX_WARNINGS = 100;

const few = (warnings: readonly string[]): readonly string[] => {
  const more = warnings.length - MAX_WARNINGS;
  return more <= 0 ? warnings : [...warnings.slice(0, MAX_WARNINGS), `… and ${more} more warnings.`];
};

/** The request's other fields: the machine's name or ARN, the role, and whether to publish a version. */
const REQUEST_FIELDS_BYTES = 1_024;

/** Step Functions limits the request that carries the text as a JSON string, in which each quote has an escape. */
function tooLarge(compiled: JsonObject): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(compiled))) + REQUEST_FIELDS_BYTES;
  if (bytes <= MAX_DEFINITION_BYTES) return undefined;
  return `Compiled with its gates, the flow makes a request of ${bytes} bytes. Step Functions accepts ${MAX_DEFINITION_BYTES}. Split it into several flows.`;
}
