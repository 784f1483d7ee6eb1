import type { Actor } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import { isOfMachine } from "../../store/flows/attachments.ts";
import { type FlowIdentity, type FlowItem, onVersion } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { FlowDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { flowChanged, flowIsAttached, flowNotFound, versionNotFound } from "../refusals.ts";
import type { FlowRequest } from "./change-flow.ts";
import { relisted } from "./held-steps/held-steps.ts";
import type { VersionDependencies } from "./held-steps/open-versions.ts";
import { keepVersion } from "./prune-versions.ts";
import { readFlow } from "./read-flows.ts";

type ActivationDependencies = FlowDependencies & Omit<VersionDependencies, "versions">;

export interface Activation {
  readonly flow: FlowIdentity;
  readonly actor: Actor;
  /**
   * `publish` activates only later versions, so that a concurrent publisher's later version stays active. `activate` activates
   * any version, for example to roll back.
   */
  readonly action: "publish" | "activate";
  /** The version to activate. If absent, only name and description change. */
  readonly record?: VersionItem;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** The revision that the client has seen. */
  readonly ifMatch?: number | undefined;
}

/** Reads the flow. Throws `not_found` if it is being deleted or has been deleted since. */
const current = async (deps: FlowDependencies, flow: FlowIdentity): Promise<FlowItem> => {
  const record = await deps.flows.read(flow.workspace, flow.flowId);
  const gone = record === undefined || record.deleting === true || record.incarnation !== flow.incarnation;
  if (gone) throw flowNotFound(flow.flowId);
  if (isOfMachine(record)) throw flowIsAttached(record);
  return record;
};

/**
 * Activates a version for new runs, in one conditional write with its audit entry. Existing runs stay on their versions. If
 * nothing changes, nothing is written. Throws `state_changed` if the client has seen another revision.
 */
export const activateVersion = (deps: ActivationDependencies, activation: Activation): Promise<FlowItem> =>
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
  deps: ActivationDependencies,
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
  // The first publication counts as a change, so that the flow's audit begins with it, even for a draft.
  const born = was.rev === 0;
  const turns = record !== undefined && turnsTo(record.version, was.version, action);
  if (!turns && !born) {
    if (!renamed) return was;
    return (await deps.flows.updateDescription(was, text)) ? { ...was, ...text } : "conflict";
  }
  const version = turns ? record.version : was.version;
  const changed: FlowItem = { ...(turns ? onVersion(was, record) : was), ...text, rev: was.rev + 1 };
  const next = turns ? await relisted(deps, changed) : changed;
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

/** The name of a version in the flow's audit. */
export const versionName = (version: number): string => (version === 0 ? "draft" : `version ${version}`);

/** Activates a version by its number: a draft, or an older version. */
export const activateByNumber = async (
  deps: ActivationDependencies,
  asked: FlowRequest & { readonly version: number; readonly actor: Actor },
): Promise<FlowItem> => {
  const flow = await readFlow(deps, asked.workspace, asked.flowId);
  const record = await deps.versions.read(flow, asked.version);
  if (record?.machineVersionArn === undefined) {
    throw versionNotFound(asked.flowId, asked.version);
  }
  await keepVersion(deps, flow, record);
  const { actor, ifMatch } = asked;
  return activateVersion(deps, { flow, actor, action: "activate", record, ifMatch });
};
