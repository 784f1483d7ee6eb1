import { digest } from "../ids.ts";

/**
 * Names of state machines and executions contain the workspace and the flow's incarnation, so that an event of an execution identifies
 * its run without a lookup, and a flow that is created again inherits nothing. Step Functions allows 80 characters:
 * 7 + 40 + 1 + 16 + 1 + 12.
 */
const REPLAY_DIGITS = 12;
const MACHINE = /^sluice-([a-z0-9][a-z0-9-]{0,39})-([a-z2-7]{16})(?:-[0-9a-f]{12})?$/;

/** A flow version and the state at which a replay starts. */
export interface ReplayMachine {
  readonly version: number;
  readonly state: string;
}

/** Returns the name of a flow's state machine, or of the one for replays that start at a state. */
export const machineName = (workspace: string, incarnation: string, replay?: ReplayMachine): string => {
  const flow = `sluice-${workspace}-${incarnation}`;
  return replay === undefined
    ? flow
    : `${flow}-${digest("replay", String(replay.version), replay.state).slice(0, REPLAY_DIGITS)}`;
};

/** Returns undefined for a machine that does not belong to a flow. */
export const parseMachineName = (name: string): { workspace: string; incarnation: string } | undefined => {
  const [, workspace, incarnation] = MACHINE.exec(name) ?? [];
  return workspace === undefined || incarnation === undefined ? undefined : { workspace, incarnation };
};

export interface ExecutionOwner {
  readonly workspace: string;
  readonly incarnation: string;
  readonly runId: string;
  readonly version: number;
  readonly attempt: number;
  readonly startState?: string;
}

export const executionName = (run: Pick<ExecutionOwner, "runId" | "attempt">): string =>
  `${run.runId}.${run.attempt}`;

/** Returns undefined for an execution that Sluice did not start. */
export const parseExecutionName = (name: string): { runId: string; attempt: number } | undefined => {
  const [, runId, attempt] = /^([0-9a-f-]{36})\.([1-9][0-9]{0,8})$/.exec(name) ?? [];
  return runId === undefined ? undefined : { runId, attempt: Number(attempt) };
};

const machineOf = (run: ExecutionOwner): string =>
  machineName(
    run.workspace,
    run.incarnation,
    run.startState === undefined ? undefined : { version: run.version, state: run.startState },
  );

/** Returns the ARN of the run's execution, which contains no version of the machine. `prefix`: `arn:aws:states:<region>:<account>`. */
export const executionArn = (prefix: string, run: ExecutionOwner): string =>
  `${prefix}:execution:${machineOf(run)}:${executionName(run)}`;

/** Returns the ARN of the state machine, without a version. */
export const machineArn = (prefix: string, run: ExecutionOwner): string =>
  `${prefix}:stateMachine:${machineOf(run)}`;
