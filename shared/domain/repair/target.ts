import { THE_END, variablesOf } from "../../asl/history/continue-as-new.ts";
import { machineOf } from "../../asl/parse/graph.ts";
import type { Machine } from "../../asl/parse/machine.ts";
import { arrivalObstacle } from "../../asl/replay.ts";
import type { StepType } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumePlanDependencies } from "../deps.ts";
import { beginningObstacle, otherVersion } from "../flows/attached-place.ts";
import { branchesWouldRepeat, resumeNotPossible } from "../refusals.ts";
import type { MoveRequest } from "./move-request.ts";
import type { Stand } from "./stand.ts";

/** The place at which a run continues. */
export interface Target {
  readonly version: number;
  readonly runAs: "user" | "system";
  /** A top-level state, or the end of the flow. */
  readonly at: string;
  /** The type of the skipped step, if its state is one. */
  readonly skipped?: StepType;
}

/** Chooses version and state, and refuses what cannot be right. Throws `resume_not_possible`. */
export const findTarget = async (
  deps: ResumePlanDependencies,
  run: RunItem,
  stand: Stand,
  asked: MoveRequest,
): Promise<Target> => {
  const version = await versionOf(deps, run, asked);
  const record = await deps.versions.read(run, version);
  const machine = machineOf(await deps.versions.text(run, version, "user"));
  if (record?.machineVersionArn === undefined || machine === undefined)
    throw resumeNotPossible(`The flow has no version ${version}.`);
  const place = run.machine === undefined ? undefined : beginningObstacle(machine);
  if (place !== undefined) throw resumeNotPossible(place);
  const at = placeIn(machine, version, stand, asked);
  refuseVariables(machine, asked);
  const stays = at === stand.state && version === run.version && asked.output === undefined;
  const known = new Set([...stand.variables.keys(), ...Object.keys(asked.variables ?? {})]);
  const obstacle = arrivalObstacle(machine, at, {
    ...(stays ? {} : { known }),
    replayed: run.startState !== undefined,
  });
  if (obstacle !== undefined) throw resumeNotPossible(obstacle);
  const type = machine.top.states.get(stand.state)?.type;
  const isStep = type === "Task" || type === "Wait" || type === "Parallel" || type === "Map";
  return { version, runAs: record.runAs, at, ...(isStep ? { skipped: type } : {}) };
};

const versionOf = async (
  deps: ResumePlanDependencies,
  run: RunItem,
  { version = "same" }: MoveRequest,
): Promise<number> => {
  const named = version === "same" ? run.version : version;
  if (named !== "latest" && run.machine === undefined) return named;
  const active = await deps.runs.activeVersion(run);
  if (active === undefined) throw resumeNotPossible("The run's flow has been deleted.");
  if (named !== "latest" && named !== active.version)
    throw resumeNotPossible(otherVersion(active.version, named));
  return active.version;
};

const placeIn = (machine: Machine, version: number, stand: Stand, asked: MoveRequest): string => {
  const { states } = machine.top;
  if (asked.at !== undefined) {
    if (states.has(asked.at)) return asked.at;
    throw resumeNotPossible(
      machine.all.some(({ name }) => name === asked.at)
        ? `"${asked.at}" is inside another state of version ${version}. A run can only continue at a top-level state.`
        : `Version ${version} of the flow has no state "${asked.at}".`,
    );
  }
  const state = states.get(stand.state);
  if (asked.output !== undefined) {
    const { Next, End } = state?.body ?? {};
    if (typeof Next === "string") return Next;
    if (End === true) return THE_END;
    throw resumeNotPossible(
      `Nothing says what follows ${stand.state === THE_END ? "the end of the flow" : `"${stand.state}"`} in version ${version}. Name the state at which to continue with "at".`,
    );
  }
  if (stand.state === THE_END) return THE_END;
  if (state === undefined)
    throw resumeNotPossible(
      `Version ${version} of the flow has no state "${stand.state}", at which the run stopped. Name another one with "at".`,
    );
  if (stand.branches) throw branchesWouldRepeat(stand.state);
  return stand.state;
};

/** Only variables of the flow's top level can be given. */
const refuseVariables = (machine: Machine, { variables = {} }: MoveRequest): void => {
  const { kept } = variablesOf(machine);
  const unknown = Object.keys(variables).find((name) => !kept.includes(name));
  if (unknown !== undefined)
    throw resumeNotPossible(`No top-level state of the flow assigns a variable "${unknown}".`);
};
