import type { Actor } from "../model/actor.ts";
import { iso } from "../model/clock.ts";
import { SluiceError } from "../model/errors.ts";
import type { JsonObject } from "../model/json.ts";
import { machineName } from "../model/machine-names.ts";
import type { FlowRecord, VersionRecord } from "../store/records.ts";
import type { FlowIdentity } from "../store/versions.ts";
import { activateVersion } from "./activate-version.ts";
import { type Compiled, compileVersion } from "./compile-version.ts";
import type { FlowTools } from "./flow-tools.ts";
import { packTexts, planVersion } from "./plan-version.ts";

export interface PublishRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly actor: Actor;
  readonly definition: JsonObject;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly runAs?: "user" | "system" | undefined;
  readonly activate: boolean;
}
export interface Published {
  readonly flow: FlowRecord;
  readonly version: number;
  readonly warnings: readonly string[];
  /** The flow was made by it. */
  readonly first: boolean;
}

/** Rivals may take a number each; more than this at one moment is a client gone wild. */
const TRIES = 50;

/**
 * Publishes a version. The calls come in an order that survives death between any two: the flow, without a version, and the
 * version's number are taken by conditional puts, so no two publishers share one; the texts and the machine's version follow;
 * the version's ARN makes it usable; the flow turns to it last. What died half-way has no ARN: nobody sees it, and the same
 * definition published again goes on where it stopped.
 */
export const publishFlow = async (tools: FlowTools, request: PublishRequest): Promise<Published> => {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const published = await tryPublish(tools, request);
    if (published !== undefined) return published;
  }
  throw new SluiceError(
    "too_many_requests",
    "Many others publish this flow at this moment; try again shortly",
  );
};

/** Undefined where a rival was faster and the work has to be looked at again. */
const tryPublish = async (tools: FlowTools, request: PublishRequest): Promise<Published | undefined> => {
  const existing = await tools.flows.read(request.workspace, request.flowId);
  if (existing?.deleting === true) {
    throw new SluiceError("action_not_allowed", "The flow is being deleted: delete it to the end first");
  }
  const flow = existing ?? newFlow(tools, request);
  const plan = await planVersion(tools, flow, request);
  if (plan.kind === "finished") {
    return settle(tools, request, flow, plan.record, false);
  }
  const compiled = compileVersion(tools.compileSettings(), flow, plan.record.version, request.definition);
  const texts = await packTexts(request.definition, compiled.compiled);
  if (existing === undefined && !(await tools.flows.create(flow))) return undefined;
  const record = { ...plan.record, ...outcomeOf(compiled) };
  if (plan.kind === "new" && !(await tools.versions.reserve(flow, record))) return undefined;
  await tools.versions.putText(flow, record.version, "user", texts.user);
  await tools.versions.putText(flow, record.version, "compiled", texts.compiled);
  await deploy(tools, flow, record.version, compiled);
  return settle(tools, request, flow, record, record.version === 1);
};

const newFlow = (tools: FlowTools, request: PublishRequest): FlowRecord => {
  const now = iso(tools.clock.now());
  const { workspace, flowId } = request;
  return {
    ...{ workspace, flowId, incarnation: tools.ids.unique() },
    name: request.name ?? flowId,
    description: request.description ?? "",
    runAs: request.runAs ?? "user",
    ...{ version: 0, rev: 0, epoch: 0, mode: "queue", holds: {}, caps: {}, createdAt: now, updatedAt: now },
  };
};

const outcomeOf = ({ warnings, timeoutSeconds }: Compiled) => ({
  warnings,
  ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
});

const deploy = async (
  tools: FlowTools,
  flow: FlowIdentity,
  version: number,
  compiled: Compiled,
): Promise<void> => {
  const name = machineName(flow.workspace, flow.incarnation);
  const arn = await tools.machines.publish(name, JSON.stringify(compiled.compiled));
  await tools.versions.finish(flow, version, arn);
};

/** Turns the flow to the version, unless a rival's later one is active already, and answers. */
const settle = async (
  tools: FlowTools,
  request: PublishRequest,
  flow: FlowIdentity,
  record: VersionRecord,
  first: boolean,
): Promise<Published> => {
  const { name, description, activate, actor } = request;
  const changed = await activateVersion(tools, {
    ...{ flow, actor, action: "publish", name, description },
    ...(activate ? { record } : {}),
  });
  return { flow: changed, version: record.version, warnings: record.warnings, first };
};
