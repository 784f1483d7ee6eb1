import { type HoldSet, rejectsRecords } from "../../model/holds/keeps.ts";
import { nativeExecutionName, parseExecutionName } from "../../model/machines/machine-names.ts";
import type { GateEvent, TaskEvent } from "../../model/machines/task-events.ts";
import { isRegistered } from "../../store/flows/attachments.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies, StateGateDependencies } from "../deps.ts";
import { attributesOf } from "../dispatch/attributes.ts";
import { expectationOf, nativeRun } from "../dispatch/new-run.ts";
import { countDispatch } from "../holds/add-hold.ts";
import { afterEntry, enter, enterExisting, entryAttributes } from "../slots/enter.ts";
import { runIdOf } from "./gate-question.ts";
import { TaskError } from "./task-error.ts";

/** The machine of the execution was attached once and is no longer, so Sluice leaves the execution alone. */
export class LeftAlone extends Error {}

/** The execution has a name like those that Sluice gives, but no run: it may be a native start. */
export class NotDispatched extends Error {}

type Attached = TaskEvent & Required<Pick<TaskEvent, "attached" | "arn">>;

const isAttached = (event: TaskEvent): event is Attached =>
  event.attached !== undefined && event.arn !== undefined;

/** The name of the execution that the event comes from, if Sluice did not start it. */
export const nativeName = ({ attached, execution }: TaskEvent): string | undefined =>
  attached === undefined || attached.name === execution ? undefined : attached.name;

/**
 * Whether the run belongs to the flow, machine and execution of the event. Does not compare the attempt, except that only the first is a
 * native execution.
 */
export const owns = (run: RunItem, event: TaskEvent): boolean => {
  const { attempt = 1 } = parseExecutionName(event.execution) ?? {};
  return (
    run.incarnation === event.incarnation &&
    run.machine === event.attached?.machine &&
    (attempt === 1 ? run.execution : undefined) === nativeName(event)
  );
};

/** Whether Sluice may have started the execution: it has not been given a native name yet. */
const mayBeDispatched = ({ attached, execution }: Attached): boolean => execution === attached.name;

/** Returns the event with the name under which Sluice stores a native execution. */
export const asNative = <Event extends TaskEvent>(event: Event): Event =>
  isAttached(event)
    ? { ...event, execution: nativeExecutionName(event.arn, event.attached.startedAt) }
    : event;

/** Returns the event with the name under which Sluice stores its execution. Reads the run if the execution's own name does not tell. */
export const ofOwnRun = async <Event extends TaskEvent>(
  { runs }: Pick<RunDependencies, "runs">,
  event: Event,
): Promise<Event> => {
  if (!(isAttached(event) && mayBeDispatched(event))) return event;
  const run = await runs.get(event.workspace, runIdOf(event.execution).runId);
  return run !== undefined && owns(run, event) ? event : asNative(event);
};

/** Returns the run of a managed flow's event. Throws `notARun` if it belongs to another flow. */
export const managedRun = (event: TaskEvent, read: RunItem | undefined): RunItem | undefined => {
  if (read === undefined || owns(read, event)) return read;
  throw new TaskError(
    "notARun",
    `The run ${read.runId} belongs to another flow. Start runs through Sluice, which names their executions.`,
  );
};

/** The run of a visit. If it was created here, also the holds of its flow when it was counted. */
export interface OwnRun {
  readonly run: RunItem | undefined;
  readonly counted?: HoldSet;
}

/** Returns the run of any event, and creates that of a native start. See `StateGateChecks.own`. */
export const ownRun = async (
  deps: StateGateDependencies,
  event: GateEvent,
  run: RunItem | undefined,
): Promise<OwnRun> => {
  if (!isAttached(event)) return { run: managedRun(event, run) };
  if (run !== undefined && owns(run, event)) return { run };
  if (mayBeDispatched(event)) throw new NotDispatched();
  if (run !== undefined) throw notARun(event);
  return begin(deps, event);
};

const notARun = ({ flowId = "", workspace, attached }: Attached): TaskError =>
  new TaskError(
    "notARun",
    `The state machine ${attached.machine} is not attached to the flow "${flowId}" of the workspace "${workspace}". Attach it, or restore its original definition.`,
  );

/**
 * Creates the run of a native execution: (1) counts it against the cap, before anything is written; (2) reads its payload if the gate did
 * not send it, and claims a slot if the flow has a concurrency limit; (3) writes the run on condition that there is none. The run never has an intent to start or a place in the queue, so nothing
 * starts it a second time. If the process dies, the gate is called again: it counts again, so the count can be too high but never too low,
 * and finds or creates the run. If several gates of one execution do this at once, one of them writes the run, and all use it.
 */
const begin = async (deps: StateGateDependencies, event: Attached & GateEvent): Promise<OwnRun> => {
  const { attached, arn, workspace, flowId, payload } = event;
  const flow = await attachedFlow(deps, event);
  if (attached.redrives > 0)
    throw new TaskError(
      "runIsOver",
      "This execution was redriven, and has no run: it failed before its first gate, or its run was deleted. Start a new execution instead.",
    );
  if (refusesNow(flow, event)) throw new TaskError("flowHeld");
  const counted = await countDispatch(deps, flow);
  const text = payload === undefined ? await inputOf(deps, arn) : JSON.stringify(payload);
  const { runId } = runIdOf(event.execution);
  const entry = isStart(event) ? await enter(deps, counted, runId, text) : undefined;
  const run = nativeRun(
    {
      ...{ workspace, flowId, incarnation: event.incarnation, version: attached.version },
      ...{ runId, machine: attached.machine, execution: attached.name },
      ...(await attributesOf(flow, text)),
      ...entryAttributes(entry),
      ...expectationOf(flow),
    },
    deps.clock.now(),
    deps.ids,
  );
  const { waitsFor, queuedAt = "" } = run;
  const item = waitsFor === undefined ? undefined : { runId, time: queuedAt, nonce: deps.ids.unique() };
  const made = await deps.runs.create(run, text, item);
  if (!owns(made.run, event)) throw notARun(event);
  if (!made.created && entry !== undefined) await enterExisting(deps, made.run, entry);
  if (made.created && entry?.hasSlot === false) {
    deps.metrics.count("dispatchesWaiting");
    return { run: await afterEntry(deps, made.run, entry), counted };
  }
  if (made.created) {
    deps.metrics.count("dispatchesStarted");
    deps.log.info("Created the run of a native execution", { workspace, flow: flowId, run: run.runId });
  }
  // The record that reaches the cap waits, like those after it.
  return { run: made.run, counted };
};

/** A gate at the end of an execution lets nothing begin, so it needs no slot. */
const isStart = ({ kind }: GateEvent): boolean => kind === "step" || kind === "wait";

/** Only a pause or an incident in the mode `reject` refuses a new run. A gate at the end of an execution only records it, and is not refused. */
const refusesNow = (flow: FlowItem, event: GateEvent): boolean => isStart(event) && rejectsRecords(flow);

const attachedFlow = async (deps: StateGateDependencies, event: Attached & GateEvent): Promise<FlowItem> => {
  const { workspace, flowId, incarnation, attached, arn } = event;
  const flow = await deps.flows.read(workspace, flowId);
  const machineArn = `${deps.machinePlace.arnPrefix}:stateMachine:${attached.machine}`;
  const isHere = arn.startsWith(`${deps.machinePlace.arnPrefix}:execution:`);
  const known = flow?.incarnation === incarnation && flow.attachment?.machineArn === machineArn;
  if (isHere && known && flow.deleting !== true && isRegistered(flow.attachment)) return flow;
  if (known || isBeingDeployed(flow, machineArn, incarnation)) throw new LeftAlone();
  if (await deps.attachments.wasDetached({ workspace, flowId, incarnation })) throw new LeftAlone();
  throw notARun(event);
};

/** Whether a template may have deployed the machine, and has not bound it yet or has replaced it. */
const isBeingDeployed = (flow: FlowItem | undefined, machineArn: string, incarnation: string): boolean =>
  flow?.registration !== undefined &&
  flow.incarnation === incarnation &&
  (flow.attachment === undefined || flow.attachment.former === machineArn);

const inputOf = async (deps: StateGateDependencies, arn: string): Promise<string> => {
  const input = (await deps.executions.describe(arn))?.input;
  // Step Functions may not know a new execution yet. The call is repeated.
  if (input === undefined) throw new Error("The execution's input cannot be read");
  return input;
};
