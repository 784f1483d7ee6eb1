/**
 * The actions of a function's grants. The templates grant them, and `sluice doctor` asks IAM whether they are still granted.
 */
import type { FunctionDefinition } from "./functions.ts";

const READ_ACTIONS = ["GetItem", "BatchGetItem", "Query"];
/** Conditional writes, single or in transactions. No Scan, no PartiQL, and no action on the table itself. */
const WRITE_ACTIONS = ["PutItem", "UpdateItem", "DeleteItem"];
/** Batch deletions. */
const PURGE_ACTIONS = ["BatchWriteItem"];

/** Returns the function's actions on the table's items. */
export const itemActions = ({ table, purges }: Pick<FunctionDefinition, "table" | "purges">): string[] => {
  if (table === "none" || table === "stream") return [];
  const writes = table === "read" ? [] : [...WRITE_ACTIONS, ...(purges === true ? PURGE_ACTIONS : [])];
  return [...READ_ACTIONS, ...writes];
};

/** `any`: the action has no resource. */
export type StatesResource = "machine" | "execution" | "mapRun" | "any";

/** The resource of each Step Functions action (service authorization reference, "AWS Step Functions"). */
const STATES_RESOURCE: Readonly<Record<string, StatesResource>> = {
  CreateStateMachine: "machine",
  UpdateStateMachine: "machine",
  DescribeStateMachine: "machine",
  DeleteStateMachine: "machine",
  PublishStateMachineVersion: "machine",
  DeleteStateMachineVersion: "machine",
  ListStateMachineVersions: "machine",
  StartExecution: "machine",
  // The reference names no resource for these two, but the service checks the machine that issued the token.
  SendTaskSuccess: "machine",
  SendTaskFailure: "machine",
  StopExecution: "execution",
  DescribeExecution: "execution",
  GetExecutionHistory: "execution",
  ListMapRuns: "execution",
  DescribeMapRun: "mapRun",
  TestState: "any",
};

/** Returns those of the Step Functions actions that concern a kind of resource. */
export const statesActionsOn = (resource: StatesResource, actions: readonly string[] = []): string[] =>
  actions
    .filter((action) => {
      const known = STATES_RESOURCE[action];
      if (known === undefined) throw new Error(`STATES_RESOURCE has no entry for states:${action}`);
      return known === resource;
    })
    .map((action) => `states:${action}`);
