import { readCursor, writeCursor } from "../../model/cursor.ts";
import type { FlowVersion } from "../../model/schemas/flow.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { FlowDependencies } from "../deps.ts";
import { flowNotFound, versionNotFound } from "../refusals.ts";

type ReadDependencies = Pick<FlowDependencies, "flows" | "versions">;
interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
interface Page<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

const page = <T>(items: T[], list: readonly unknown[], next: string | undefined): Page<T> =>
  next === undefined ? { items } : { items, nextCursor: writeCursor(list, next) };

export const readFlow = async (
  { flows }: Pick<FlowDependencies, "flows">,
  workspace: string,
  flowId: string,
): Promise<FlowItem> => {
  const flow = await flows.read(workspace, flowId);
  if (flow === undefined) throw flowNotFound(flowId);
  return flow;
};

/** Lists the flows of a workspace, newest first. */
export const listFlows = async (
  { flows }: Pick<FlowDependencies, "flows">,
  workspace: string,
  { limit, cursor }: PageRequest,
): Promise<Page<FlowItem>> => {
  const list = ["flows", workspace];
  const before = readCursor(list, cursor);
  const entries = (await flows.entries(workspace))
    .map(({ flowId, createdAt }) => ({ flowId, position: `${createdAt}#${flowId}` }))
    .filter(({ position }) => before === undefined || position < before)
    .sort((a, b) => (a.position < b.position ? 1 : -1));
  const shown = entries.slice(0, limit);
  const records = await flows.readMany(
    workspace,
    shown.map(({ flowId }) => flowId),
  );
  const byId = new Map(records.map((record) => [record.flowId, record]));
  const items = shown.map(({ flowId }) => byId.get(flowId)).filter((record) => record !== undefined);
  return page(items, list, entries.length > limit ? shown.at(-1)?.position : undefined);
};

const versionView = (flow: FlowItem, record: VersionItem): FlowVersion => {
  const { version, createdAt, createdBy, warnings } = record;
  return { version, active: version === flow.version, createdAt, createdBy, warnings: [...warnings] };
};

/** Lists versions, newest first, without those whose publisher died before the machine was created. */
export const listVersions = async (
  deps: ReadDependencies,
  workspace: string,
  flowId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<FlowVersion>> => {
  const flow = await readFlow(deps, workspace, flowId);
  const list = ["versions", workspace, flowId, flow.incarnation];
  const before = readCursor(list, cursor);
  const found = await deps.versions.list(flow, limit, before === undefined ? undefined : Number(before));
  const last = found.at(-1);
  const more = found.length === limit && last !== undefined && last.version > 1;
  const items = found.filter((record) => record.machineVersionArn !== undefined);
  return page(
    items.map((record) => versionView(flow, record)),
    list,
    more ? String(last.version) : undefined,
  );
};

/** Returns one version with its definition and its compiled text. */
export const readVersion = async (
  deps: ReadDependencies,
  workspace: string,
  flowId: string,
  version: number,
): Promise<FlowVersion> => {
  const flow = await readFlow(deps, workspace, flowId);
  const record = await deps.versions.read(flow, version);
  if (record?.machineVersionArn === undefined) {
    throw versionNotFound(flowId, version);
  }
  const [definition, source, compiled] = await Promise.all([
    deps.versions.text(flow, version, "user"),
    deps.versions.source(flow, version),
    deps.versions.text(flow, version, "compiled"),
  ]);
  return {
    ...versionView(flow, record),
    ...(definition && { definition }),
    ...(source && { source: source.text }),
    ...(source?.substitutions && { substitutions: { ...source.substitutions } }),
    ...(compiled && { compiled }),
  };
};

/** Lists the flow's audit, newest first. */
export const listFlowAudit = async (
  deps: ReadDependencies,
  workspace: string,
  flowId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<AuditItem>> => {
  const flow = await readFlow(deps, workspace, flowId);
  const list = ["flow-audit", workspace, flowId, flow.incarnation];
  const before = readCursor(list, cursor);
  const items = await deps.flows.audit(flow, limit, before === undefined ? undefined : Number(before));
  const last = items.at(-1);
  return page(
    items,
    list,
    items.length === limit && last !== undefined && last.rev > 1 ? String(last.rev) : undefined,
  );
};
