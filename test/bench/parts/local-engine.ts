import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateMachine } from "aws-local-stepfunctions";
import { Harness } from "../../../local/step-functions/test-harness.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { benchStack, residentMemory } from "../bench-stack.ts";
import type { Bench, Line } from "../report.ts";
import { median } from "../statistics.ts";

const STATES = 50;
const AT_ONCE = 20;
const READY_MS = 2_000;
const IDLE_MIB = 200;

/** Pass, Choice and Task in turn: the same definition for both engines. */
const definition = (): JsonObject => {
  const name = (index: number) => `State ${index}`;
  const state = (index: number): JsonObject => {
    const next = index === STATES - 1 ? { End: true } : { Next: name(index + 1) };
    if (index % 3 === 0) return { Type: "Pass", Parameters: { "n.$": "$.n", index }, ...next };
    if (index % 3 === 1 && index < STATES - 1) {
      const one = { Variable: "$.n", NumericGreaterThanEquals: 0, Next: name(index + 1) };
      return { Type: "Choice", Choices: [one], Default: name(index + 1) };
    }
    return { Type: "Task", Resource: "arn:aws:lambda:us-east-1:123456789012:function:work", ...next };
  };
  const states = Array.from({ length: STATES }, (_, index) => [name(index), state(index)] as const);
  return { StartAt: name(0), States: Object.fromEntries(states) };
};

const work = (input: unknown) => input as never;

/** States per second, by the number of concurrent executions. */
const speed = async (executions: number, run: (index: number) => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  for (let from = 0; from < executions; from += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => run(from + index)));
  }
  return (executions * STATES * 1_000) / (performance.now() - began);
};

/** Each execution is over before the next of its caller begins. */
const ours = async (executions: number, database: string): Promise<number> => {
  const harness = new Harness({ database, functions: { work } });
  const stateMachineArn = await harness.create(definition());
  const began = performance.now();
  for (let from = 0; from < executions; from += AT_ONCE) {
    for (let index = from; index < from + AT_ONCE; index += 1) {
      await harness.call("StartExecution", { stateMachineArn, name: `run-${index}`, input: '{"n":1}' });
    }
    await harness.clock.settled();
  }
  const took = performance.now() - began;
  await harness.close();
  return (executions * STATES * 1_000) / took;
};

const theirs = async (executions: number): Promise<number> => {
  const machine = new StateMachine(definition() as never);
  const tasks = Object.keys(definition()["States"] as JsonObject);
  const taskResourceLocalHandlers = Object.fromEntries(tasks.map((name) => [name, work]));
  return speed(executions, () => machine.run({ n: 1 }, { overrides: { taskResourceLocalHandlers } }).result);
};

/** The local Step Functions compared with another interpreter, alternating and both warm, then the whole stack's start time and memory. */
export const bench: Bench = async ({ quick, large }) => {
  const executions = quick ? 40 : 200;
  const [warmUp, turns] = quick ? [0, 2] : [15, 15];
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-engine-"));
  const samples = { memory: [] as number[], disk: [] as number[], theirs: [] as number[] };
  try {
    for (let turn = 0; turn < warmUp + turns; turn += 1) {
      const speeds = {
        theirs: await theirs(executions),
        memory: await ours(executions, ":memory:"),
        disk: await ours(executions, join(folder, `${turn}.sqlite`)),
      };
      if (turn < warmUp) continue; // both are compiled as they run
      for (const where of ["theirs", "memory", "disk"] as const) samples[where].push(speeds[where]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const floor = median(samples.theirs);
  const states = (name: string, value: number, atLeast: number): Line => ({
    ...{ name: `states a second, ${name}`, value, unit: "/s", floor },
    mark: { of: "ratio", atLeast },
  });
  return [
    states("in memory", median(samples.memory), 1),
    states("every entry on disk", median(samples.disk), 0.2),
    ...(await wholeStack(quick ? 200 : large ? 10_000 : 1_000)),
  ];
};

const WAITS = {
  StartAt: "Wait",
  States: { Wait: { Type: "Wait", Seconds: 864_000, Next: "Done" }, Done: { Type: "Succeed" } },
};

const wholeStack = async (waiting: number): Promise<Line[]> => {
  const { admin, process: stack, close } = await benchStack();
  try {
    const idle = residentMemory(stack.pid);
    await admin.publish("waits", WAITS);
    const flow = new FlowClient(admin, "waits");
    await flow.dispatchAll(Array.from({ length: waiting }, (_, n) => ({ n })));
    const last = (await flow.runs()).at(-1);
    if (last !== undefined) await admin.untilStatus(last.runId, "waiting", 300);
    return [
      ...[
        {
          name: "start to ready",
          value: stack.readyAfter,
          unit: "ms",
          mark: { of: "value", atMost: READY_MS } as const,
        },
      ],
      { name: "memory, idle", value: idle, unit: "MiB", mark: { of: "value", atMost: IDLE_MIB } },
      { name: `memory, ${waiting} waiting runs`, value: residentMemory(stack.pid), unit: "MiB" },
    ];
  } finally {
    await close();
  }
};
