import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import type { FlowItem } from "../../../../shared/store/flows/flow-item.ts";
import { runOf, Team, type TeamMachine } from "../../../harness/stack/team-machine.ts";
import { SHAPES, type Shape } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { AFTER_RESUME, acting, type Make, made } from "./runs.ts";

interface Machine {
  readonly flowId: string;
  readonly machine: TeamMachine;
  readonly original: string;
}

/** A team's machine that is not attached yet. */
const machineOf = async (context: ScenarioContext, shape: Shape = SHAPES.line): Promise<Machine> => {
  const flowId = context.fresh();
  context.flows.set(flowId, shape);
  const original = JSON.stringify(shape.definition, null, 2);
  const machine = await new Team(context.environment.url).create(flowId, original);
  return { flowId, machine, original };
};

const attach = (context: ScenarioContext, { flowId, machine }: Machine, more: object = {}) =>
  context.call("POST", `/flows/${flowId}/attach`, { stateMachineArn: machine.arn, ...more });

/** Returns the version to which the machine's alias leads. */
const leadOf = async ({ machine }: Machine): Promise<string | undefined> =>
  (await machine.qualified("live").routes())[0];

const attached = async (context: ScenarioContext, shape?: Shape): Promise<Machine> => {
  const made = await machineOf(context, shape);
  const { status, body } = await attach(context, made);
  if (status !== 200) throw new Error(`The attach got ${status}: ${JSON.stringify(body)}`);
  return made;
};

const changeSettings = (context: ScenarioContext, { flowId }: Machine) =>
  context.call("PUT", `/flows/${flowId}/settings`, { whenUnreachable: "fail" });

const isRequest = (flowId: string, action: string) => (event: string) =>
  event.includes(`/flows/${flowId}/${action}"`);

/** A request that is repeated after it died. `right` returns the faults of the machine afterwards. */
const repeated = (
  action: "attach" | "detach" | "settings",
  make: (context: ScenarioContext) => Promise<Machine>,
  request: (context: ScenarioContext, made: Machine) => Promise<unknown>,
  wrong: (context: ScenarioContext, made: Machine) => Promise<readonly string[]>,
  name = `${action} a flow`,
): Scenario => ({
  name,
  handler: "attach",
  route: `${action === "settings" ? "PUT" : "POST"} /flows/{flowId}/${action}`,
  stages: 1,
  prepare: async (context) => {
    const made = await make(context);
    return {
      matches: isRequest(made.flowId, action),
      stages: [async () => undefined],
      act: () => request(context, made),
      check: async () => {
        const unfinished = await intentsOf(context, made);
        // However far it got, executions neither fail nor wait.
        const between = await made.machine.ended(await made.machine.start({ id: context.fresh() }));
        await context.advance("PT1S");
        await request(context, made);
        const after = await made.machine.ended(await made.machine.start({ id: context.fresh() }));
        await context.advance("PT1S");
        return [
          ...[between, after].flatMap(({ status, error }) =>
            status === "SUCCEEDED" ? [] : [`an execution of ${made.flowId} ${status}: ${error}`],
          ),
          ...unfinished,
          ...(await wrong(context, made)),
        ];
      },
    };
  },
});

const notAttached = async (context: ScenarioContext, { flowId }: Machine): Promise<string[]> => {
  const flow = await context.must<Flow>("GET", `/flows/${flowId}`);
  return flow.kind === "attached" && flow.drift === undefined && flow.version > 0
    ? []
    : [`${flowId} is ${flow.kind}, version ${flow.version}, drift ${flow.drift}`];
};

const notRestored = async (
  context: ScenarioContext,
  { flowId, machine, original }: Machine,
): Promise<string[]> => {
  const { kind } = await context.must<Flow>("GET", `/flows/${flowId}`);
  const text = await machine.text();
  return kind === "managed" && text === original ? [] : [`${flowId} is ${kind}, with the text ${text}`];
};

/** Returns the intents that the sweeper has left undone. */
const intentsOf = async (context: ScenarioContext, { flowId }: Machine): Promise<string[]> => {
  const item = await context.environment.ledger.flowItem(flowId);
  const { attachment } = (item ?? {}) as Partial<FlowItem>;
  if (attachment === undefined) return [];
  const { writing, detaching, text } = attachment;
  const isDone = writing === undefined && detaching === undefined && text !== undefined;
  return isDone ? [] : [`${flowId} has the unfinished attachment ${JSON.stringify(attachment)}`];
};

/** A call of a native execution. */
const native = (
  name: string,
  handler: Scenario["handler"],
  mark: string,
  before: (context: ScenarioContext, flowId: string) => Promise<unknown> = async () => undefined,
): Scenario => ({
  name,
  handler,
  prepare: async (context) => {
    const { flowId, machine } = await attached(context);
    await before(context, flowId);
    const id = context.fresh();
    return {
      matches: (event) => event.includes(`:${id}"`) && event.includes(mark),
      act: async () => {
        context.note(flowId, id, true);
        await machine.start({ id }, id);
      },
    };
  },
});

const pause = (context: ScenarioContext, flowId: string) =>
  context.must("POST", `/flows/${flowId}/pause`, {});

/** The run of an execution that others have started, paused before its second step. */
const pausedNative: Make = made(1, async (context) => {
  const run = await nativeRun(context, SHAPES.busyWithVariable);
  await context.untilBusy(run.flowId, run.runId);
  await context.must("POST", `/runs/${run.runId}/pause`, {});
  return { ...run, stages: [async () => undefined] };
});
/** The same, paused because its second step failed. */
const haltedNative: Make = made(0, async (context) => {
  const run = await nativeRun(context, SHAPES.halts);
  await context.environment.admin.until(run.runId, ({ parkedAt }) => parkedAt !== undefined, 60);
  return run;
});

const nativeRun = async (
  context: ScenarioContext,
  shape: Shape,
): Promise<{ readonly flowId: string; readonly runId: string }> => {
  const { flowId, machine } = await attached(context, shape);
  if (shape.onFailure !== undefined)
    await context.must("PUT", `/flows/${flowId}/settings`, { onFailure: shape.onFailure });
  const id = context.fresh();
  context.note(flowId, id, true);
  const { runId } = await runOf(context.environment.admin, await machine.start({ id }, id));
  return { flowId, runId };
};

/** A call of the execution in which a native run goes on. */
const arriving = (name: string, mark: string): Scenario => ({
  name,
  handler: "gate",
  stages: 1,
  prepare: async (context) => {
    const { runId, ...more } = await pausedNative.make(context);
    return {
      ...more,
      matches: (event) => event.includes(`:${runId}.2"`) && event.includes(mark),
      act: () => context.call("POST", `/runs/${runId}/resume`, { version: "same", detach: true }),
    };
  },
});

export const attachedScenarios: readonly Scenario[] = [
  repeated("attach", machineOf, attach, notAttached),
  repeated(
    "attach",
    async (context) => {
      const made = await attached(context);
      await made.machine.overwrite({ Comment: "deployed again", ...SHAPES.line.definition });
      return made;
    },
    attach,
    notAttached,
    "attach a flow whose machine was deployed again",
  ),
  repeated(
    "attach",
    async (context) => {
      const made = await machineOf(context);
      await made.machine.alias("live");
      return made;
    },
    (context, made) => attach(context, made, { aliases: ["live"] }),
    async (context, made) => [
      ...(await notAttached(context, made)),
      ...((await leadOf(made)) === `${made.machine.arn}:1`
        ? [`the alias of ${made.flowId} has not moved`]
        : []),
    ],
    "attach a flow and move an alias of its machine",
  ),
  repeated(
    "detach",
    async (context) => {
      const made = await machineOf(context);
      await made.machine.alias("live");
      await attach(context, made, { aliases: ["live"] });
      return made;
    },
    (context, { flowId }) => context.call("POST", `/flows/${flowId}/detach`, {}),
    async (context, made) => [
      ...(await notRestored(context, made)),
      ...((await leadOf(made)) === `${made.machine.arn}:1`
        ? []
        : [`the alias of ${made.flowId} has not moved back`]),
    ],
    "detach a flow and move an alias of its machine back",
  ),
  repeated(
    "detach",
    (context) => attached(context),
    (context, { flowId }) => context.call("POST", `/flows/${flowId}/detach`, {}),
    notRestored,
  ),
  repeated(
    "settings",
    (context) => attached(context),
    changeSettings,
    async (context, made) => {
      const { whenUnreachable } = await context.must<Flow>("GET", `/flows/${made.flowId}`);
      const wrong = whenUnreachable === "fail" ? [] : [`${made.flowId} has the setting ${whenUnreachable}`];
      return [...wrong, ...(await notAttached(context, made))];
    },
    "change the settings of an attached flow",
  ),
  native("begin the run of an execution", "gate", ' - one"'),
  native("begin the run of an execution in a held flow", "gate", ' - one"', pause),
  native("park the run of an execution", "park", ' - one"', pause),
  native("complete the run of an execution", "gate", "complete gate"),
  native("close the run of an execution", "executionClosed", "SUCCEEDED"),
  acting("that leaves the execution of others", "resume", pausedNative, AFTER_RESUME, {
    ...{ version: "same", detach: true },
  }),
  acting("of others, which an error paused", "resume", haltedNative, [...AFTER_RESUME, "paused"]),
  arriving("lead an execution to the place of its run", ' - Busy"'),
  arriving("tell an execution the place of its run", '"part":"arrive"'),
  arriving("give an execution a variable of its run", '"variable":"kept"'),
  arriving("give an execution the input of its run", '"part":"input"'),
];
