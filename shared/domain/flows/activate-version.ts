import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowIdentity } from "../../store/flows/versions.ts";
import type { FlowRecord, VersionRecord } from "../../store/records.ts";
import { flowChanged, flowNotFound } from "../refusals.ts";
import type { FlowTools } from "./flow-tools.ts";

export interface Activation {
  readonly flow: FlowIdentity;
  readonly actor: Actor;
  /** `publish` goes forward only: a rival's later version stays. `activate` takes any, e.g. to roll back. */
  readonly action: "publish" | "activate";
  /** The version to activate; without it only name and description change. */
  readonly record?: VersionRecord;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** The rev that the client has seen. */
  readonly ifMatch?: number | undefined;
}

const TRIES = 20;

/** The flow as it is, or `not_found`; one that is being deleted, or was since, is gone. */
const current = async (tools: FlowTools, flow: FlowIdentity): Promise<FlowRecord> => {
  const record = await tools.flows.read(flow.workspace, flow.flowId);
  const gone = record === undefined || record.deleting === true || record.incarnation !== flow.incarnation;
  if (gone) throw flowNotFound(flow.flowId);
  return record;
};

/**
 * Makes a version the one that new runs start on: one conditional write with its audit entry. Runs under way stay on theirs.
 * Nothing to change is no change: same rev, no entry. Throws `state_changed` when the client has seen another rev.
 */
export const activateVersion = async (tools: FlowTools, activation: Activation): Promise<FlowRecord> => {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const was = await current(tools, activation.flow);
    if (activation.ifMatch !== undefined && activation.ifMatch !== was.rev) {
      throw flowChanged(was);
    }
    const next = await tryActivate(tools, activation, was);
    if (next !== undefined) return next;
  }
  throw flowChanged(await current(tools, activation.flow));
};

const tryActivate = async (
  tools: FlowTools,
  activation: Activation,
  was: FlowRecord,
): Promise<FlowRecord | undefined> => {
  const { record, action, actor } = activation;
  const now = iso(tools.clock.now());
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
    return (await tools.flows.describe(was, text)) ? { ...was, ...text } : undefined;
  }
  const version = turns ? record.version : was.version;
  const next: FlowRecord = {
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
  return (await tools.flows.change(was, next, entry)) ? next : undefined;
};

const turnsTo = (version: number, active: number, action: Activation["action"]): boolean =>
  action === "publish" ? version > active : version !== active;

/** As the flow's audit shows it. */
const versionName = (version: number): string => (version === 0 ? "draft" : `version ${version}`);

/** Activates version `version` of a flow: a draft goes live, or an older one comes back. */
export const activateByNumber = async (
  tools: FlowTools,
  asked: {
    readonly workspace: string;
    readonly flowId: string;
    readonly version: number;
    readonly actor: Actor;
    readonly ifMatch?: number | undefined;
  },
): Promise<FlowRecord> => {
  const flow = await tools.flows.read(asked.workspace, asked.flowId);
  if (flow === undefined) throw flowNotFound(asked.flowId);
  const record = await tools.versions.read(flow, asked.version);
  if (record?.machineVersionArn === undefined) {
    throw new SluiceError("not_found", `The flow ${asked.flowId} has no version ${asked.version}`);
  }
  const { actor, ifMatch } = asked;
  return activateVersion(tools, { flow, actor, action: "activate", record, ifMatch });
};
