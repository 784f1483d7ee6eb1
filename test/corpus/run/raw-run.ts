import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { CorpusStack } from "./corpus-stack.ts";
import { untilOver } from "./drive.ts";
import { comparable, historyOf, type Outcome } from "./outcome.ts";

/** That of the workspace's flows: the context object shows it. */
const ROLE = "arn:aws:iam::000000000000:role/sluice-flows-demo";
const MACHINE = "corpus-raw";

interface Described {
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Creates the definition's own state machine. Throws StatesError with the reason if Step Functions refuses the definition. */
export async function createMachine(stack: CorpusStack, definition: JsonObject): Promise<string> {
  const { stateMachineArn } = await stack.states<{ stateMachineArn: string }>("CreateStateMachine", {
    ...{ name: MACHINE, definition: JSON.stringify(definition), roleArn: ROLE },
  });
  return stateMachineArn;
}

/** Runs a state machine of `createMachine`. Undefined if it never ends. */
export async function runRaw(
  stack: CorpusStack,
  stateMachineArn: string,
  input: Json,
): Promise<Outcome | undefined> {
  const name = randomUUID();
  const { executionArn } = await stack.states<{ executionArn: string }>("StartExecution", {
    ...{ stateMachineArn, name, input: JSON.stringify(input) },
  });
  const describe = () => stack.states<Described>("DescribeExecution", { executionArn });
  const isOver = await untilOver(stack, async () => (await describe()).status !== "RUNNING");
  if (!isOver) {
    await stack.states("StopExecution", { executionArn });
    return undefined;
  }
  const { status, output, error, cause } = await describe();
  const isLate = status === "TIMED_OUT";
  return comparable(
    {
      // A run past its deadline has failed.
      ...(isLate ? { status: "FAILED", error: "States.Timeout" } : { status, output, error, cause }),
      ...(await historyOf(stack, executionArn)),
      received: stack.received(),
    },
    { executionArns: [executionArn], executions: [name], machineArn: stateMachineArn, machine: MACHINE },
  );
}
