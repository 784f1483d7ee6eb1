import type { JsonObject } from "../../model/json/json.ts";
import { TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { constant, type Expression } from "../parse/jsonata-text.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Names } from "../parse/names.ts";

/** What compiled text carries of its flow. */
export interface FlowConstants {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly version: number;
}

/** ARNs of Sluice's task functions. */
export interface TaskFunctions {
  readonly gate: string;
  readonly park: string;
  readonly humanStep: string;
  readonly continueAsNew: string;
}

/** How the text of a flow that loops goes on in a fresh execution. */
export interface Continuation {
  /** Top-level states at whose gates it can. */
  readonly points: readonly string[];
  /** Variables that are taken along. */
  readonly variables: readonly string[];
}

/** What the generators of states share. */
export interface Plan {
  readonly machine: Machine;
  readonly names: Names;
  readonly constants: FlowConstants;
  readonly functions: TaskFunctions;
  readonly taskRoleArn: string | undefined;
  /** The machine's own TimeoutSeconds. */
  readonly timeoutSeconds: number | undefined;
  /** How the flow goes on in a fresh execution; undefined where it does not loop. */
  readonly continueAsNew: Continuation | undefined;
}

/** States made for one scope, by name. */
export type MadeStates = Map<string, JsonObject>;

export const LAMBDA_INVOKE = "arn:aws:states:::lambda:invoke";
export const LAMBDA_INVOKE_AND_WAIT = `${LAMBDA_INVOKE}.waitForTaskToken`;

/** Generated states are JSONata; the field is only needed where the flow's default is another. */
export const jsonataState = (plan: Plan): JsonObject =>
  plan.machine.language === "JSONata" ? {} : { QueryLanguage: "JSONata" };

/** The fields that every task event has, as JSONata. */
export function eventBase({ constants }: Plan, op: string): Record<string, Expression> {
  return {
    v: constant(TASK_EVENT_VERSION),
    op: constant(op),
    workspace: constant(constants.workspace),
    flowId: constant(constants.flowId),
    incarnation: constant(constants.incarnation),
    version: constant(constants.version),
    execution: "$states.context.Execution.Name",
  };
}

/** The variable that carries the EnteredTime of the visit in progress. Inner scopes may not assign an outer one's variables. */
export const visitVariable = (depth: number): string => `sluiceVisit${depth}`;
/** The variable that carries the path of the visit in progress, where it cannot be told from the text. */
export const pathVariable = (depth: number): string => `sluicePath${depth}`;
/** The variable that carries a caught error past a state. */
export const errorVariable = (depth: number): string => `sluiceError${depth}`;
/** The variable that names the top-level state whose error ends the flow. */
export const FAILED_VARIABLE = "sluiceFailed";

/** The variable that names the state at whose gate the run leaves its execution. */
export const POINT_VARIABLE = "sluicePoint";
/** The variable that says what an earlier execution has left. */
export const KEPT_VARIABLE = "sluiceKept";

export const isTopLevel = (state: StateNode): boolean => state.scope.depth === 0;
