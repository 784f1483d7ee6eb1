import { machineOf, topLevelStateOf } from "../../asl/parse/graph.ts";
import { replayObstacle } from "../../asl/replay.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { isReplayable } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { beginningObstacle } from "../flows/attached-place.ts";
import { replayNotAllowed, replayNotPossible } from "../refusals.ts";

/** A request, with the run to replay and its flow. */
export interface Replay {
  readonly request: {
    /** `start` (default), `failed-step` or the name of a state. */
    readonly from?: string | undefined;
    readonly version?: "same" | "latest" | undefined;
  };
  readonly old: RunItem;
  readonly flow: FlowItem;
}

/** The version and the state with which a replay begins. */
export interface ReplayPlace {
  readonly version: VersionItem;
  readonly definition: JsonObject;
  /** The top-level state to begin at; absent for a replay from the start. */
  readonly state?: string;
  /** Whether the latest version is asked for, from the start: a replay that is queued begins on the version that is active then. */
  readonly followsActive: boolean;
}

export const START = "start";
const FAILED_STEP = "failed-step";

/**
 * Finds where a replay begins, and refuses what would not repeat what the run did. `failedState` returns the state at which a run failed,
 * or one inside it. Throws `replay_not_possible`.
 */
export const replayPlace = async (
  deps: Pick<FlowDependencies, "versions">,
  replay: Replay,
  failedState: (run: RunItem) => Promise<string | undefined>,
): Promise<ReplayPlace> => {
  const { request, old, flow } = replay;
  // A run that itself started at a state has no other start.
  const fromStep = (request.from ?? START) !== START || old.startState !== undefined;
  refuseOfAttached(replay);
  const latest = (request.version ?? (fromStep ? "same" : "latest")) === "latest";
  const number = latest ? flow.version : old.version;
  const version = await deps.versions.read(flow, number);
  const definition = await deps.versions.text(flow, number, "user");
  if (version?.machineVersionArn === undefined || definition === undefined)
    throw replayNotPossible(`Version ${number} of the flow no longer exists`);
  if (!fromStep) return { version, definition, followsActive: latest };
  const state = await beginning(deps, replay, failedState);
  if (state !== definition["StartAt"]) {
    const machine = flow.attachment === undefined ? undefined : machineOf(definition);
    const obstacle = replayObstacle(definition, state) ?? (machine && beginningObstacle(machine));
    if (obstacle !== undefined) throw replayNotPossible(obstacle);
  }
  return { version, definition, state, followsActive: false };
};

/** An attached machine has one definition, the newest. */
const refuseOfAttached = ({ request, old, flow }: Replay): void => {
  if (flow.attachment === undefined) {
    if (old.machine === undefined || request.version === "latest" || request.version === undefined) return;
    throw replayNotPossible(
      "The flow is no longer attached to the run's state machine. Attach it again, then replay the run.",
    );
  }
  const isOfStep = (request.from ?? START) !== START || old.startState !== undefined;
  if ((request.version ?? (isOfStep ? "same" : "latest")) === "same" && old.version !== flow.version)
    throw replayNotPossible(
      `The state machine now has the definition of version ${flow.version}. Replay the run on the latest version.`,
    );
};

/** Returns the top-level state that is asked for, or that contains it, in the version of the old run. */
const beginning = async (
  { versions }: Pick<FlowDependencies, "versions">,
  { request, old, flow }: Replay,
  failedState: (run: RunItem) => Promise<string | undefined>,
): Promise<string> => {
  const { from = START } = request;
  if (from === START && old.startState !== undefined) return old.startState;
  if (from === FAILED_STEP && old.status !== "failed")
    throw replayNotPossible(`The run has not failed: it is ${old.status}`);
  const name = from === FAILED_STEP ? await failedState(old) : from;
  if (name === undefined) throw replayNotPossible("No step of the run has failed");
  const state = topLevelStateOf(await versions.text(flow, old.version, "user"), name);
  if (state === undefined) throw replayNotPossible(`The flow has no state "${name}"`);
  return state;
};

/** Returns the flow of a run that can be replayed. Throws `action_not_allowed`, `replay_not_possible`. */
export const flowToReplay = async (
  { flows }: Pick<FlowDependencies, "flows">,
  run: RunItem,
): Promise<FlowItem> => {
  if (!isReplayable(run.status)) throw replayNotAllowed(run);
  const flow = await flows.read(run.workspace, run.flowId);
  if (flow === undefined || flow.deleting === true || flow.incarnation !== run.incarnation)
    throw replayNotPossible("The run's flow has been deleted");
  return flow;
};
