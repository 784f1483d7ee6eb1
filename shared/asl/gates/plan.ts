import type { JsonObject } from "../../model/json/json.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Names } from "./generated-names.ts";
import type { Expression } from "./jsonata-text.ts";

/** The identity of the flow in compiled text. */
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

/** The points and variables of a flow that can continue as new. */
export interface ContinueAsNewPlan {
  /** The top-level states at whose gates a run can leave its execution. */
  readonly points: readonly string[];
  /** The variables that are restored in the fresh execution. */
  readonly variables: readonly string[];
}

/** The settings of an attached flow. */
export interface AttachedPlan {
  /** Whether a step begins or the execution fails if the gate's function cannot be called. */
  readonly whenUnreachable: "pass" | "fail";
}

/** The input shared by all generators of states. */
export interface Plan {
  readonly machine: Machine;
  readonly names: Names;
  readonly constants: FlowConstants;
  readonly functions: TaskFunctions;
  readonly taskRoleArn: string | undefined;
  /** The machine's own TimeoutSeconds. */
  readonly timeoutSeconds: number | undefined;
  /** Undefined for a flow that does not loop. */
  readonly continueAsNew: ContinueAsNewPlan | undefined;
  /** Set for an arrival machine, and for an attached flow whose executions may begin elsewhere: the states at which they may. */
  readonly arrival?: ContinueAsNewPlan | undefined;
  /** Set for an attached flow. */
  readonly attached: AttachedPlan | undefined;
}

/** The states of one compiled scope, by name. */
export type MadeStates = Map<string, JsonObject>;

/** Returns the Lambda integration of Step Functions in the partition of Sluice's own functions: `aws`, `aws-cn`, `aws-us-gov`. */
export const lambdaInvoke = ({ functions }: Plan): string => {
  const partition = /^arn:(aws[\w-]*):/.exec(functions.gate)?.[1] ?? "aws";
  return `arn:${partition}:states:::lambda:invoke`;
};
export const lambdaInvokeAndWait = (plan: Plan): string => `${lambdaInvoke(plan)}.waitForTaskToken`;

/** Generated states use JSONata. They need the field only if the flow's default is JSONPath. */
export const jsonataState = (plan: Plan): JsonObject =>
  plan.machine.language === "JSONata" ? {} : { QueryLanguage: "JSONata" };

/** `at` in the event of a generated state, and of one that waits for a task token: a `CompactOrigin`. */
export const ORIGIN: Expression = "$states.context.[Execution.Id,State]";
export const TOKEN_ORIGIN: Expression = "$states.context.[Execution.Id,State,Task.Token]";
/** The same as JSONPath intrinsic functions. */
export const ORIGIN_PATH = "States.Array($$.Execution.Id,$$.State)";
export const TOKEN_ORIGIN_PATH = "States.Array($$.Execution.Id,$$.State,$$.Task.Token)";

/** The function's name, with its alias if it has one. A service integration finds it in its own account and region. */
export const functionName = (arn: string): string => arn.split(":function:")[1] ?? arn;

/** The variable with the EnteredTime of the gate of a human step. One per depth: an inner scope cannot assign an outer one's variables. */
export const visitVariable = (depth: number): string => `sluiceVisit${depth}`;
/** The variable with the path of the current visit, where the definition does not determine it. */
export const pathVariable = (depth: number): string => `sluicePath${depth}`;
/** In a Distributed Map's child: the variable with the item's wrapper. */
export const childVariable = (depth: number): string => `sluiceChild${depth}`;
/** The variable with a caught error. */
export const errorVariable = (depth: number): string => `sluiceError${depth}`;
/** The variable with the name of the top-level state whose error ends the flow, if the state has no gate. */
export const FAILED_VARIABLE = "sluiceFailed";

/** The variable with the state at whose gate the run leaves its execution. */
export const POINT_VARIABLE = "sluicePoint";
/** The variable with the names of the variables that the previous execution has kept. */
export const KEPT_VARIABLE = "sluiceKept";

export const isTopLevel = (state: StateNode): boolean => state.scope.depth === 0;
