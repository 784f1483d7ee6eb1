import { THE_END } from "../../asl/history/continue-as-new.ts";
import type { Machine, StateNode } from "../../asl/parse/machine.ts";
import { catches, stateTest } from "../../asl/state-test.ts";
import type { Json } from "../../model/json/json.ts";
import { executionArn, machineArn, nameInArn } from "../../model/machines/machine-names.ts";
import type { StepType } from "../../model/machines/task-events.ts";
import type { ResumeRehearsal } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RehearsalDependencies } from "../deps.ts";
import { resumeNotPossible } from "../refusals.ts";

/** The data of a run at a state: JSON text, and JSON texts by name. */
interface At {
  readonly state: string;
  readonly input: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** A run, and the definition that it would follow. */
interface Walk {
  readonly run: RunItem;
  readonly machine: Machine;
}

const EXAMPLE = "rehearsal";

/** Passes and Choices that are followed. A definition may loop without ever calling anything. */
const MAX_PASSES = 25;

type Found = Omit<ResumeRehearsal, "version">;

/**
 * Follows the states from a place to the next one that calls or waits for something, or to the end of the flow. Step Functions evaluates each
 * of them. Throws `resume_not_possible` for one that would fail.
 */
export const nextCall = async (deps: RehearsalDependencies, walk: Walk, start: At): Promise<Found> => {
  const { machine } = walk;
  const passes: string[] = [];
  let { state, input } = start;
  let variables = objectText(start.variables);
  for (;;) {
    if (state === THE_END) return { passes, output: JSON.parse(input) as Json };
    const node = machine.top.states.get(state);
    if (node === undefined) throw resumeNotPossible(`The flow has no state "${state}".`);
    if (isStep(node)) return { passes, ...(await callOf(deps, walk, node, { input, variables })) };
    if (node.type === "Fail")
      throw resumeNotPossible(`The run would fail at once: it reaches "${state}", which is a Fail state.`);
    if (passes.length === MAX_PASSES)
      return { passes, unknown: `The run passes more than ${MAX_PASSES} states before it calls anything.` };
    const tested = await test(deps, machine, node, { input, variables });
    if ("unknown" in tested) return { passes, ...tested };
    passes.push(state);
    ({ variables } = tested);
    input = tested.output ?? input;
    state = tested.nextState ?? THE_END;
  }
};

const isStep = ({ type }: StateNode): boolean =>
  type === "Task" || type === "Wait" || type === "Parallel" || type === "Map";

interface Data {
  readonly input: string;
  readonly variables: string;
  readonly context?: string;
}

const callOf = async (
  deps: RehearsalDependencies,
  { run, machine }: Walk,
  node: StateNode,
  data: Data,
): Promise<Pick<Found, "next" | "unknown">> => {
  const { Resource: resource } = node.body;
  const next = {
    ...{ state: node.name, type: node.type as StepType, input: JSON.parse(data.input) as Json },
    ...(typeof resource === "string" ? { resource } : {}),
  };
  if (node.type === "Wait" || "ItemReader" in node.body) return { next };
  const tested = await test(deps, machine, node, { ...data, context: await contextOf(deps, run, node) });
  if ("unknown" in tested) return { next, ...tested };
  const given = JSON.parse(tested.passedOn) as Json;
  return {
    next: { ...next, ...(node.type === "Map" ? { items: itemsOf(node, given) } : { arguments: given }) },
  };
};

/** A JSONPath Map was tested with its items in a field. Throws if they are not a list. */
const itemsOf = ({ name, language }: StateNode, given: Json): Json[] => {
  const items = language === "JSONPath" ? (given as { readonly items?: Json }).items : given;
  if (Array.isArray(items)) return items;
  if (language === "JSONata" && typeof items === "object" && items !== null)
    return Object.entries(items).map(([Key, Value]) => ({ Key, Value }));
  throw resumeNotPossible(`"${name}" would fail at once: its items are not an array.`);
};

/** The context object as the run's next execution will have it, as far as it is known now. The rest are examples. */
const contextOf = async (deps: RehearsalDependencies, run: RunItem, { name }: StateNode): Promise<string> => {
  const payload = (await deps.runs.payload(run.workspace, run.runId)) ?? "{}";
  const now = iso(deps.clock.now());
  const arn = executionArn(deps.machinePlace, run);
  const machine = machineArn(deps.machinePlace, run);
  return JSON.stringify({
    Execution: {
      ...{ Id: arn, Name: nameInArn(arn), StartTime: now, RoleArn: EXAMPLE, RedriveCount: 0 },
      Input: JSON.parse(payload) as Json,
    },
    StateMachine: { Id: machine, Name: nameInArn(machine) },
    State: { Name: name, EnteredTime: now, RetryCount: 0 },
    Task: { Token: EXAMPLE },
  });
};

/** A function of the account and region, which need not exist. */
const anyFunction = ({ machinePlace }: RehearsalDependencies): string =>
  `${machinePlace.arnPrefix.replace(":states:", ":lambda:")}:function:rehearsal`;

interface Passed {
  readonly output?: string;
  readonly nextState?: string;
  readonly passedOn: string;
  readonly variables: string;
}

const test = async (
  deps: RehearsalDependencies,
  machine: Machine,
  node: StateNode,
  { input, variables, context }: Data,
): Promise<Passed | { readonly unknown: string }> => {
  const asked = stateTest(machine, node, anyFunction(deps));
  if ("unknown" in asked) return asked;
  const result = await deps.stateTests.test({
    ...{ definition: JSON.stringify(asked.definition), stateName: node.name, input, variables },
    ...(context === undefined ? {} : { context }),
  });
  if ("refused" in result) return { unknown: `Step Functions cannot test "${node.name}": ${result.refused}` };
  if (!("error" in result)) return result;
  const failure = `${result.error}${result.cause === "" ? "" : `: ${result.cause}`}`;
  if (catches(node, result.error))
    return { unknown: `"${node.name}" fails before it calls anything, and its Catch continues: ${failure}` };
  throw resumeNotPossible(`"${node.name}" would fail at once with ${failure}`);
};

const objectText = (variables: ReadonlyMap<string, string>): string =>
  `{${[...variables].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
