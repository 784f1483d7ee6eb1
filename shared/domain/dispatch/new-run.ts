import type { Actor } from "../../model/actor.ts";
import type { IdSource } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { newIntent } from "../runs/intents.ts";

export interface NewRun {
  readonly runId: string;
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly version: number;
  readonly startedBy: Actor;
  readonly runAs: "user" | "system";
  readonly replayOf?: string;
  readonly startState?: string;
  readonly machine?: string;
  readonly execution?: string;
  readonly bodyHash?: string;
  readonly priority?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly slot?: NonNullable<RunItem["slot"]>;
  readonly waitsFor?: string;
  readonly expect?: string;
}

/** Returns how long a new run of the flow is expected to last. */
export const expectationOf = ({ expect }: Pick<FlowItem, "expect">): Pick<NewRun, "expect"> =>
  expect === undefined ? {} : { expect };

/** Returns the run as the response to its dispatch showed it, whatever has happened to it since. */
export const asDispatched = (run: RunItem): RunItem => {
  const { runId, workspace, flowId, incarnation, startedBy, runAs } = run;
  const {
    startState,
    machine,
    replayOf,
    priority,
    attributes,
    dispatchedVersion: version = run.version,
  } = run;
  return {
    ...{ runId, workspace, flowId, incarnation, version, startedBy, runAs },
    ...(machine === undefined ? {} : { machine }),
    ...(startState === undefined ? {} : { startState }),
    ...(replayOf === undefined ? {} : { replayOf }),
    ...(priority === undefined ? {} : { priority }),
    ...(attributes === undefined ? {} : { attributes }),
    ...{
      attempt: 1,
      status: "pending",
      rev: 1,
      createdAt: run.createdAt,
      updatedAt: run.createdAt,
      recentAudit: [],
    },
    ...(run.queuedAtDispatch === true ? { queuedAt: run.createdAt } : {}),
    ...(run.waitedAtDispatch === true ? { waitsFor: "" } : {}),
  };
};

/**
 * Returns the run of a native execution. It has no intent, so it is never started again. The sweeper checks it soon, because the gate that
 * creates it may die.
 */
export const nativeRun = (
  run: Required<Pick<RunItem, "machine" | "execution">> & Omit<NewRun, "startedBy" | "runAs">,
  now: number,
  ids: IdSource,
): RunItem => {
  const startedBy: Actor = { kind: "execution", id: run.execution };
  const queued = run.waitsFor !== undefined;
  const { intent, ...fresh } = newRun({ ...run, startedBy, runAs: "system" }, now, ids, { queued });
  return { ...fresh, checkAt: intent?.due ?? iso(now) };
};

export interface Waiting {
  readonly queued: boolean;
  /** Whether a queued run begins on the version that is active when it leaves the queue. */
  readonly followsActive?: boolean;
}

/**
 * Returns a new run: pending, with the intent to start it, which the first gate removes at no extra cost. A queued run gets
 * that intent when it leaves the queue.
 */
export const newRun = (
  run: NewRun,
  now: number,
  ids: IdSource,
  { queued, followsActive = false }: Waiting = { queued: false },
): RunItem => ({
  ...run,
  attempt: 1,
  status: "pending",
  rev: 1,
  createdAt: iso(now),
  updatedAt: iso(now),
  neverParked: true,
  ...(queued
    ? {
        queuedAt: iso(now),
        queuedAtDispatch: true,
        ...(run.waitsFor === undefined ? {} : { waitedAtDispatch: true }),
        ...(followsActive ? { dispatchedVersion: run.version } : {}),
      }
    : { intent: newIntent(["start"], undefined, now, ids) }),
  recentAudit: [
    {
      ...{ rev: 1, at: iso(now), actor: run.startedBy, action: "dispatch", to: "pending" },
      op: ids.unique().slice(0, 8),
    },
  ],
});
