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

type FlowAddress = Pick<FlowItem, "workspace" | "flowId">;
type FlowPageRequest = FlowAddress & PageRequest;

interface NumberedList<Item, View> {
  readonly name: string;
  read(before: number | undefined): Promise<readonly Item[]>;
  numberOf(item: Item): number;
  /** Returns undefined for an item that is not shown. */
  view(item: Item): View | undefined;
}

/** Returns a page of a flow's items that are numbered from 1, newest first. */
const numberedPage = async <Item, View>(
  { workspace, flowId, incarnation }: FlowItem,
  { name, read, numberOf, view }: NumberedList<Item, View>,
  { limit, cursor }: PageRequest,
): Promise<Page<View>> => {
  const list = [name, workspace, flowId, incarnation];
  const before = readCursor(list, cursor);
  const items = await read(before === undefined ? undefined : Number(before));
  const last = items.length < limit ? undefined : items.at(-1);
  return page(
    items.map(view).filter((shown) => shown !== undefined),
    list,
    last === undefined || numberOf(last) <= 1 ? undefined : String(numberOf(last)),
  );
};

/** Lists versions, newest first, without those whose publisher died before the machine was created. */
export const listVersions = async (
  deps: ReadDependencies,
  request: FlowPageRequest,
): Promise<Page<FlowVersion>> => {
  const flow = await readFlow(deps, request.workspace, request.flowId);
  const view = (record: VersionItem) =>
    record.machineVersionArn === undefined ? undefined : versionView(flow, record);
  const read = (before?: number) => deps.versions.list(flow, request.limit, before);
  return numberedPage(flow, { name: "versions", read, numberOf: ({ version }) => version, view }, request);
};

/** Returns one version with its definition and its compiled text. */
export const readVersion = async (
  deps: ReadDependencies,
  { workspace, flowId }: FlowAddress,
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
  request: FlowPageRequest,
): Promise<Page<AuditItem>> => {
  const flow = await readFlow(deps, request.workspace, request.flowId);
  const read = (before?: number) => deps.flows.audit(flow, request.limit, before);
  const list = {
    name: "flow-audit",
    read,
    numberOf: ({ rev }: AuditItem) => rev,
    view: (item: AuditItem) => item,
  };
  return numberedPage(flow, list, request);
};
