import { digest, nativeRunId } from "../ids.ts";

/**
 * Names of state machines and executions contain the workspace and the flow's incarnation, so that an event of an execution identifies
 * its run without a lookup, and a flow that is created again inherits nothing. Step Functions allows 80 characters:
 * 7 + 40 + 1 + 16 + 1 + 12.
 */
const REPLAY_DIGITS = 12;
/** The instance whose resources are named `sluice-…`. An account can have more, each with a name of its own as the first part. */
export const DEFAULT_INSTANCE = "sluice";
const MACHINE = /^sluice-([a-z0-9][a-z0-9-]{0,39})-([a-z2-7]{16})(?:-[0-9a-f]{12})?$/;

/**
 * A flow version with the state at which a replay starts. Without a state, it is the version's arrival machine, whose executions
 * begin at any top-level state.
 */
export interface ReplayMachine {
  readonly version: number;
  readonly state?: string;
}

/** From this attempt on, a run's executions are those of the version's arrival machine. */
export interface Move {
  readonly attempt: number;
  readonly version: number;
}

/** The account, region and instance of state machines. */
export interface MachinePlace {
  /** `arn:aws:states:<region>:<account>` */
  readonly arnPrefix: string;
  readonly instance: string;
}

/** Returns the name that something has in an instance: `sluice-gate` is `orders-gate` in the instance `orders`. */
export const nameInInstance = (instance: string, name: string): string =>
  name.replace(/^sluice(?=-|$)/, instance);

/**
 * Returns the name of a flow's state machine, of the one for replays that start at a state, or of a version's arrival machine, in the
 * instance `sluice`.
 */
export const machineName = (workspace: string, incarnation: string, replay?: ReplayMachine): string => {
  const flow = `sluice-${workspace}-${incarnation}`;
  if (replay === undefined) return flow;
  const version = String(replay.version);
  const name =
    replay.state === undefined ? digest("arrival", version) : digest("replay", version, replay.state);
  return `${flow}-${name.slice(0, REPLAY_DIGITS)}`;
};

/** Reads a machine's name in the account. Returns undefined for a machine that does not belong to a flow of the instance. */
export const parseMachineName = (
  name: string,
  instance: string = DEFAULT_INSTANCE,
): { workspace: string; incarnation: string } | undefined => {
  const own = name.startsWith(`${instance}-`) ? `${DEFAULT_INSTANCE}${name.slice(instance.length)}` : "";
  const [, workspace, incarnation] = MACHINE.exec(own) ?? [];
  return workspace === undefined || incarnation === undefined ? undefined : { workspace, incarnation };
};

export interface ExecutionOwner {
  readonly workspace: string;
  readonly incarnation: string;
  readonly runId: string;
  readonly version: number;
  readonly attempt: number;
  readonly startState?: string;
  /** The version of its dispatch, if it is on another now. */
  readonly dispatchedVersion?: number;
  readonly moves?: readonly Move[];
  /** Name of the state machine of an attached flow. */
  readonly machine?: string;
  /** Name of an execution that Sluice did not start: that of the first attempt. */
  readonly execution?: string;
}

export const executionName = (run: Pick<ExecutionOwner, "runId" | "attempt">): string =>
  `${run.runId}.${run.attempt}`;

/** Returns the name under which Sluice stores a native execution. `startedAt`: ISO 8601. */
export const nativeExecutionName = (arn: string, startedAt: string): string =>
  executionName({ runId: nativeRunId(arn, startedAt), attempt: 1 });

/** Returns undefined for an execution that Sluice did not start. */
export const parseExecutionName = (name: string): { runId: string; attempt: number } | undefined => {
  const [, runId, attempt] = /^([0-9a-f-]{36})\.([1-9][0-9]{0,8})$/.exec(name) ?? [];
  return runId === undefined ? undefined : { runId, attempt: Number(attempt) };
};

const EXECUTION_ARN = /^arn:[^:]+:states:[^:]*:[^:]*:execution:([^:]+):([^:]+)$/;

/** Returns the names of any machine and its execution; undefined if it is not the ARN of a STANDARD execution. */
export const executionNames = (
  arn: string,
): { readonly machine: string; readonly execution: string } | undefined => {
  const [, machine, execution] = EXECUTION_ARN.exec(arn) ?? [];
  return machine === undefined || execution === undefined ? undefined : { machine, execution };
};

/** Returns undefined for an execution of a machine that does not belong to a flow of the instance. */
export const parseExecutionArn = (
  arn: string,
  instance: string = DEFAULT_INSTANCE,
): { workspace: string; incarnation: string; execution: string } | undefined => {
  const [, machine = "", execution = ""] = EXECUTION_ARN.exec(arn) ?? [];
  const flow = parseMachineName(machine, instance);
  return flow && { ...flow, execution };
};

/**
 * Returns the ARN of the run's execution to which a child of a Distributed Map belongs, even through nested Distributed Maps.
 * A child's ARN has the Map's label after the machine's name (Step Functions guide, "Viewing Distributed Map executions").
 */
export const executionOfChild = (childArn: string, execution: string): string =>
  childArn.replace(
    /:execution:([^:/]+)\/[^:]+:.*$/,
    (_all, machine: string) => `:execution:${machine}:${execution}`,
  );

/** The name of an execution, or of a Distributed Map's child. */
export const nameInArn = (arn: string): string => arn.slice(arn.lastIndexOf(":") + 1);

/** Returns the last move up to the run's attempt; undefined if its execution is not one of an arrival machine. */
export const moveOf = ({ moves, attempt }: Pick<ExecutionOwner, "moves" | "attempt">): Move | undefined =>
  moves?.findLast((move) => move.attempt <= attempt);

const machineOf = ({ instance }: MachinePlace, run: ExecutionOwner): string => {
  if (run.machine !== undefined) return run.machine;
  const { workspace, incarnation, startState, dispatchedVersion = run.version } = run;
  const arrival = moveOf(run);
  const replay = startState === undefined ? undefined : { version: dispatchedVersion, state: startState };
  const other = arrival === undefined ? replay : { version: arrival.version };
  return nameInInstance(instance, machineName(workspace, incarnation, other));
};

/** Whether the run's current execution is one that Sluice did not start. */
export const isInNative = ({ execution, attempt }: Pick<ExecutionOwner, "execution" | "attempt">): boolean =>
  execution !== undefined && attempt === 1;

/** Returns the ARN of the run's execution, which contains no version of the machine. */
export const executionArn = (place: MachinePlace, run: ExecutionOwner): string => {
  const native = run.attempt === 1 ? run.execution : undefined;
  return `${place.arnPrefix}:execution:${machineOf(place, run)}:${native ?? executionName(run)}`;
};

/** Returns the ARN of the state machine, without a version. */
export const machineArn = (place: MachinePlace, run: ExecutionOwner): string =>
  `${place.arnPrefix}:stateMachine:${machineOf(place, run)}`;
