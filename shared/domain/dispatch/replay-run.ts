import { topLevelStateOf } from "../../asl/parse/graph.ts";
import { replayObstacle } from "../../asl/replay.ts";
import { contentHash, idempotentRunId } from "../../model/ids.ts";
import type { Json, JsonObject } from "../../model/json/json.ts";
import { isReplayable } from "../../model/transitions.ts";
import { attachedMachine } from "../../store/flows/attachments.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ReplayDependencies } from "../deps.ts";
import { makeMachineOnDemand } from "../flows/machines-on-demand.ts";
import { keepVersion } from "../flows/prune-versions.ts";
import { existingRun, replayNotAllowed, replayNotPossible, runChanged } from "../refusals.ts";
import { recordedStep } from "../steps/recorded-step.ts";
import {
  createAndStart,
  type Dispatched,
  earlierRun,
  type Identity,
  payloadText,
  type Starter,
} from "./dispatch-run.ts";

export interface ReplayRequest {
  readonly workspace: string;
  readonly runId: string;
  readonly starter: Starter;
  /** `start` (default), `failed-step` or the name of a state. */
  readonly from?: string | undefined;
  readonly version?: "same" | "latest" | undefined;
  readonly payload?: unknown;
  /** The revision of the old run that the caller saw. If absent, any revision is accepted. */
  readonly ifMatch?: number;
  readonly idempotencyKey?: string | undefined;
}

const START = "start";
const FAILED_STEP = "failed-step";

/** Starts a new run with the payload of an old one: from the start, or from a step with the input recorded there. */
export const replayRun = async (deps: ReplayDependencies, request: ReplayRequest): Promise<Dispatched> => {
  const { workspace, runId, starter } = request;
  const old = existingRun(await deps.runs.get(workspace, runId));
  if (request.ifMatch !== undefined && request.ifMatch !== old.rev) throw runChanged(old);
  if (!isReplayable(old.status)) throw replayNotAllowed(old);
  const flow = await deps.flows.read(workspace, old.flowId);
  if (flow === undefined || flow.deleting === true || flow.incarnation !== old.incarnation) {
    throw replayNotPossible("The run's flow has been deleted");
  }
  const identity = identityOf(deps, request);
  const known = await earlierRun(deps, workspace, identity);
  const target = await planReplay(deps, { request, old, flow });
  const { version, runAs } = target.version;
  if (known === undefined && target.state === undefined && version !== flow.version)
    await keepVersion(deps, flow, target.version);
  const machine = attachedMachine(flow);
  if (known === undefined && target.state !== undefined) {
    const { state, definition } = target;
    await makeMachineOnDemand(deps, flow, { version, state, definition: async () => definition });
  }
  const run = {
    ...{ workspace, flowId: old.flowId, incarnation: old.incarnation, version, runAs },
    ...{ startedBy: starter.actor, replayOf: runId },
    ...(target.state === undefined ? {} : { startState: target.state }),
    ...(machine === undefined ? {} : { machine }),
    ...identity,
  };
  const { input: text, followsActive } = target;
  const { permissions } = starter;
  return createAndStart(deps, run, { flow, text, permissions, known, followsActive });
};

const identityOf = (deps: ReplayDependencies, request: ReplayRequest): Identity => {
  const { idempotencyKey, from, version, payload } = request;
  if (idempotencyKey === undefined) return { runId: deps.ids.runId(deps.clock.now()) };
  const body = [from ?? START, version ?? null, payload === undefined ? [] : [payload as Json]];
  return { runId: replayedRunId(request, idempotencyKey), bodyHash: contentHash(body) };
};

/** Returns the id of the run that a replay with an idempotency key starts. */
export const replayedRunId = (
  { workspace, runId, starter }: Pick<ReplayRequest, "workspace" | "runId" | "starter">,
  idempotencyKey: string,
): string => {
  const { kind, id } = starter.actor;
  return idempotentRunId("replay", workspace, kind, id, runId, idempotencyKey);
};

/** A request, with the run to replay and its flow. */
interface Replay {
  readonly request: ReplayRequest;
  readonly old: RunItem;
  readonly flow: FlowItem;
}

interface Target {
  readonly version: VersionItem;
  readonly definition: JsonObject;
  /** JSON text. */
  readonly input: string;
  /** If absent, the flow's StartAt. */
  readonly state?: string;
  /** Whether the latest version is asked for, from the start: a replay that is queued begins on the version that is active then. */
  readonly followsActive: boolean;
}

const planReplay = async (deps: ReplayDependencies, replay: Replay): Promise<Target> => {
  const { request, old, flow } = replay;
  const { from = START } = request;
  const given = request.payload === undefined ? undefined : payloadText(request.payload);
  // A run that itself started at a state has no other start.
  const fromStep = from !== START || old.startState !== undefined;
  refuseOfAttached(replay, fromStep);
  const latest = (request.version ?? (fromStep ? "same" : "latest")) === "latest";
  const number = latest ? flow.version : old.version;
  const version = await deps.versions.read(flow, number);
  const definition = await deps.versions.text(flow, number, "user");
  if (version?.machineVersionArn === undefined || definition === undefined) {
    throw replayNotPossible(`Version ${number} of the flow no longer exists`);
  }
  if (!fromStep) {
    const input = given ?? (await storedPayload(deps, old));
    return { version, definition, input, followsActive: latest };
  }
  const begin = await beginning(deps, replay, given);
  const target = { version, definition, followsActive: false };
  if (begin.state === definition["StartAt"]) return { ...target, input: begin.input };
  const obstacle = replayObstacle(definition, begin.state);
  if (obstacle !== undefined) throw replayNotPossible(obstacle);
  return { ...target, ...begin };
};

/** An attached machine has one definition, the newest, and its executions begin at its start. */
const refuseOfAttached = ({ request, old, flow }: Replay, fromStep: boolean): void => {
  if (flow.attachment === undefined) {
    if (old.machine === undefined || request.version === "latest" || request.version === undefined) return;
    throw replayNotPossible(
      "The flow is no longer attached to the run's state machine. Attach it again, then replay the run.",
    );
  }
  if (fromStep) throw replayNotPossible("A run of an attached flow can be replayed only from its start.");
  if (request.version === "same" && old.version !== flow.version)
    throw replayNotPossible(
      `The state machine now has the definition of version ${flow.version}. Replay the run on the latest version.`,
    );
};

/** Finds the top-level state to start at, and its input. */
const beginning = async (
  deps: ReplayDependencies,
  replay: Replay,
  given: string | undefined,
): Promise<{ state: string; input: string }> => {
  const { old } = replay;
  const { from = START } = replay.request;
  if (from === START && old.startState !== undefined) {
    return { state: old.startState, input: given ?? (await storedPayload(deps, old)) };
  }
  if (from === FAILED_STEP && old.status !== "failed")
    throw replayNotPossible(`The run has not failed: it is ${old.status}`);
  const asked = from === FAILED_STEP ? old.error?.state : from;
  const state = asked === undefined || asked === "" ? undefined : await topLevel(deps, replay, asked);
  if (given !== undefined && state !== undefined) return { state, input: given };
  const recorded = await recordedStep(deps, old, state);
  if (recorded === undefined) {
    throw replayNotPossible(
      state === undefined ? "No step of the run has failed" : `The run never reached "${state}"`,
    );
  }
  return { state: recorded.state, input: given ?? recorded.input };
};

/** Returns the state itself, or the top-level state around it, in the version of the old run. */
const topLevel = async (deps: ReplayDependencies, { old, flow }: Replay, name: string): Promise<string> => {
  const definition = await deps.versions.text(flow, old.version, "user");
  const state = definition === undefined ? undefined : topLevelStateOf(definition, name);
  if (state === undefined) throw replayNotPossible(`The flow has no state "${name}"`);
  return state;
};

const storedPayload = async (deps: ReplayDependencies, old: RunItem): Promise<string> => {
  const text = await deps.runs.payload(old.workspace, old.runId);
  if (text === undefined) throw replayNotPossible("The run's payload is no longer stored");
  return text;
};
