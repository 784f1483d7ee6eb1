import { contentHash, idempotentRunId } from "../../model/ids.ts";
import type { Json } from "../../model/json/json.ts";
import { attachedMachine } from "../../store/flows/attachments.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ReplayDependencies } from "../deps.ts";
import { dataObstacle, machineObstacle } from "../flows/attached-place.ts";
import { makeMachineOnDemand } from "../flows/machines-on-demand.ts";
import { keepVersion } from "../flows/prune-versions.ts";
import { existingRun, replayNotPossible, runChanged } from "../refusals.ts";
import { failedState, recordedInput } from "../steps/recorded-step.ts";
import {
  createAndStart,
  type Dispatched,
  earlierRun,
  type Identity,
  payloadText,
  type Starter,
} from "./dispatch-run.ts";
import { effectOf } from "./preview-replay.ts";
import { flowToReplay, type Replay, type ReplayPlace, replayPlace, START } from "./replay-place.ts";

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

/** Starts a new run with the payload of an old one: from the start, or from a step with the input recorded there. */
export const replayRun = async (deps: ReplayDependencies, request: ReplayRequest): Promise<Dispatched> => {
  const { workspace, runId, starter } = request;
  const old = existingRun(await deps.runs.get(workspace, runId));
  if (request.ifMatch !== undefined && request.ifMatch !== old.rev) throw runChanged(old);
  const flow = await flowToReplay(deps, old);
  const identity = identityOf(deps, request);
  const known = await earlierRun(deps, workspace, identity);
  const target = await planReplay(deps, request, { old, flow });
  const { version, runAs } = target.version;
  const startState = target.state === target.definition["StartAt"] ? undefined : target.state;
  if (known === undefined && startState === undefined && version !== flow.version)
    await keepVersion(deps, flow, target.version);
  const machine = attachedMachine(flow);
  if (known === undefined && startState !== undefined && machine !== undefined) {
    const obstacle =
      dataObstacle([target.input]) ?? (await machineObstacle(deps, { ...flow, machine }, version));
    if (obstacle !== undefined) throw replayNotPossible(obstacle);
  }
  if (known === undefined && startState !== undefined && machine === undefined) {
    const definition = async () => target.definition;
    await makeMachineOnDemand(deps, flow, { version, state: startState, definition });
  }
  const run = {
    ...{ workspace, flowId: old.flowId, incarnation: old.incarnation, version, runAs },
    ...{ startedBy: starter.actor, replayOf: runId },
    ...(startState === undefined ? {} : { startState }),
    ...(machine === undefined ? {} : { machine }),
    ...(old.priority === undefined ? {} : { priority: old.priority }),
    ...identity,
  };
  const { input: text, followsActive } = target;
  const { permissions } = starter;
  return createAndStart(deps, run, { flow, text, permissions, known, followsActive });
};

/** The effect that a replay would have. */
interface ReplayPreview {
  readonly flowVersion: number;
  readonly state: string;
  readonly input: Json;
  readonly callsAgain: readonly string[];
}

/** Says where a replay would begin, with which input, and what it would call again. Throws the refusals of the replay. */
export const previewReplay = async (
  deps: ReplayDependencies,
  request: Omit<ReplayRequest, "starter">,
): Promise<ReplayPreview> => {
  const old = existingRun(await deps.runs.get(request.workspace, request.runId));
  const target = await planReplay(deps, request, { old, flow: await flowToReplay(deps, old) });
  const { to, callsAgain } = await effectOf(deps, old, target);
  return { flowVersion: to.version, state: to.state, input: JSON.parse(target.input) as Json, callsAgain };
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

interface Target extends ReplayPlace {
  /** JSON text. */
  readonly input: string;
}

/** Throws `replay_not_possible` and refusals of the old run. */
const planReplay = async (
  deps: ReplayDependencies,
  request: Pick<ReplayRequest, "from" | "version" | "payload">,
  { old, flow }: Pick<Replay, "old" | "flow">,
): Promise<Target> => {
  const given = request.payload === undefined ? undefined : payloadText(request.payload);
  const place = await replayPlace(deps, { request, old, flow }, (run) => failedState(deps, run));
  return { ...place, input: given ?? (await inputOf(deps, request, old, place.state)) };
};

/** Returns the payload of the old run, or the input that it had at the state. */
const inputOf = async (
  deps: ReplayDependencies,
  { from }: Pick<ReplayRequest, "from">,
  old: RunItem,
  state: string | undefined,
): Promise<string> => {
  // A replay from a step, replayed from its own start, has that step's input as its payload.
  if (state === undefined || from === undefined || from === START) return storedPayload(deps, old);
  const recorded = await recordedInput(deps, old, state);
  if (recorded !== undefined) return recorded;
  throw replayNotPossible(
    `The run never reached "${state}", or Step Functions no longer has the history of its execution`,
  );
};

const storedPayload = async (deps: ReplayDependencies, old: RunItem): Promise<string> => {
  const text = await deps.runs.payload(old.workspace, old.runId);
  if (text === undefined) throw replayNotPossible("The run's payload is no longer stored");
  return text;
};
