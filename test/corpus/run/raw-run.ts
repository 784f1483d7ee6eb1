import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { CorpusStack } from "./corpus-stack.ts";
import { drive } from "./drive.ts";
import { comparable, ENDLESS, historyOf, type Outcome } from "./outcome.ts";

/** The role of the workspace's flows, because it appears in the context object. */
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

/** More events than any flow of a corpus has that runs for hours but ends. */
const MANY_EVENTS = 300;

/** Runs a state machine from `createMachine`. `moves`: the number of times that the clock was moved. */
export async function runRaw(
  stack: CorpusStack,
  stateMachineArn: string,
  input: Json,
): Promise<{ readonly outcome: Outcome; readonly moves: number }> {
  const name = randomUUID();
  const { executionArn } = await stack.states<{ executionArn: string }>("StartExecution", {
    ...{ stateMachineArn, name, input: JSON.stringify(input) },
  });
  const describe = () => stack.states<Described>("DescribeExecution", { executionArn });
  const { isOver, moves } = await drive(stack, async () => (await describe()).status !== "RUNNING", {
    isEndless: async () => {
      const { events } = await stack.states<{ events: readonly { readonly id: number }[] }>(
        "GetExecutionHistory",
        { executionArn, reverseOrder: true, maxResults: 1 },
      );
      return (events[0]?.id ?? 0) > MANY_EVENTS;
    },
  });
  if (!isOver) await stack.states("StopExecution", { executionArn });
  const outcome: Outcome = {
    ...endOf(isOver, await describe()),
    ...(await historyOf(stack, executionArn)),
    received: stack.received(),
  };
  const names = { executionArns: [executionArn], executions: [name], machineArn: stateMachineArn };
  return { outcome: comparable(outcome, { ...names, machine: MACHINE }), moves };
}

function endOf(
  isOver: boolean,
  { status, output, error, cause }: Described,
): Pick<Outcome, "status" | "output" | "error" | "cause"> {
  if (!isOver) return { status: ENDLESS };
  // A run past its deadline has failed.
  return status === "TIMED_OUT"
    ? { status: "FAILED", error: "States.Timeout" }
    : { status, output, error, cause };
}
