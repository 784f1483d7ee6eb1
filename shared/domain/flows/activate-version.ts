import type { Actor } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { FlowDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { flowChanged, flowNotFound, versionNotFound } from "../refusals.ts";

export interface Activation {
  readonly flow: FlowIdentity;
  readonly actor: Actor;
  /** `publish` goes forward only: a rival's later version stays. `activate` takes any, e.g. to roll back. */
  readonly action: "publish" | "activate";
  /** The version to activate; without it only name and description change. */
  readonly record?: VersionItem;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** The rev that the client has seen. */
  readonly ifMatch?: number | undefined;
}

/** The flow as it is, or `not_found`; one that is being deleted, or was since, is gone. */
const current = async (deps: FlowDependencies, flow: FlowIdentity): Promise<FlowItem> => {
  const record = await deps.flows.read(flow.workspace, flow.flowId);
  const gone = record === undefined || record.deleting === true || record.incarnation !== flow.incarnation;
  if (gone) throw flowNotFound(flow.flowId);
  return record;
};

/**
 * Makes a version the one that new runs start on: one conditional write with its audit entry. Runs under way stay on theirs.
 * Nothing to change is no change: same rev, no entry. Throws `state_changed` when the client has seen another rev.
 */
export const activateVersion = (deps: FlowDependencies, activation: Activation): Promise<FlowItem> =>
  retryOnConflict(
    deps,
    async () => {
      const was = await current(deps, activation.flow);
      if (activation.ifMatch !== undefined && activation.ifMatch !== was.rev) throw flowChanged(was);
      return tryActivate(deps, activation, was);
    },
    async () => flowChanged(await current(deps, activation.flow)),
  );

const tryActivate = async (
  deps: FlowDependencies,
  activation: Activation,
  was: FlowItem,
): Promise<FlowItem | "conflict"> => {
  const { record, action, actor } = activation;
  const now = iso(deps.clock.now());
  const text = {
    name: activation.name ?? was.name,
    description: activation.description ?? was.description,
    updatedAt: now,
  };
  const renamed = text.name !== was.name || text.description !== was.description;
  // The first publication counts as a change, so that the flow's audit begins with it, draft or not.
  const born = was.rev === 0;
  const turns = record !== undefined && turnsTo(record.version, was.version, action);
  if (!turns && !born) {
    if (!renamed) return was;
    return (await deps.flows.updateDescription(was, text)) ? { ...was, ...text } : "conflict";
  }
  const version = turns ? record.version : was.version;
  const next: FlowItem = {
    ...{ ...was, ...text },
    ...(turns ? { version, runAs: record.runAs } : {}),
    rev: was.rev + 1,
  };
  const entry = {
    at: now,
    actor,
    action,
    from: versionName(was.version),
    to: versionName(version),
    rev: next.rev,
  };
  return (await deps.flows.change(was, next, entry)) ? next : "conflict";
};

const turnsTo = (version: number, active: number, action: Activation["action"]): boolean =>
  action === "publish" ? version > active : version !== active;

/** As the flow's audit shows it. */
const versionName = (version: number): string => (version === 0 ? "draft" : `version ${version}`);

/** Activates version `version` of a flow: a draft goes live, or an older one comes back. */
export const activateByNumber = async (
  deps: FlowDependencies,
  asked: {
    readonly workspace: string;
    readonly flowId: string;
    readonly version: number;
    readonly actor: Actor;
    readonly ifMatch?: number | undefined;
  },
): Promise<FlowItem> => {
  const flow = await deps.flows.read(asked.workspace, asked.flowId);
  if (flow === undefined) throw flowNotFound(asked.flowId);
  const record = await deps.versions.read(flow, asked.version);
  if (record?.machineVersionArn === undefined) {
    throw versionNotFound(asked.flowId, asked.version);
  }
  const { actor, ifMatch } = asked;
  return activateVersion(deps, { flow, actor, action: "activate", record, ifMatch });
};
