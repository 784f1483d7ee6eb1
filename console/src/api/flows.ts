import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Flow, FlowHealth } from "../../../shared/model/schemas/flow.ts";
import { api, serverNow } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";
import { KEPT_MS, type Reading, readingOf, withReading } from "./readings.ts";

const flowKey = (workspace: string, flowId: string) => [workspace, "flow", flowId] as const;

/** Milliseconds until the page refreshes the flow: short while queued records start. */
const refreshOf = (flow: Flow | undefined): number | false => {
  if (flow === undefined) return false;
  if (flow.draining !== null || flow.ramp !== undefined || flow.canary?.state === "running") return 2_000;
  return flow.status === "active" ? 30_000 : 10_000;
};

export const flowQuery = (workspace: string, flowId: string) =>
  queryOptions({
    queryKey: [...flowKey(workspace, flowId), "flow"],
    queryFn: ({ signal }) => api.getFlow({ workspace, flowId, signal }),
    refetchInterval: ({ state }) => refreshOf(state.data),
  });

interface Health {
  readonly now: FlowHealth;
  readonly readings: readonly Reading[];
}

/** A flow's health, with what has been read of it while its page was open. */
export const flowHealthQuery = (workspace: string, flowId: string) =>
  queryOptions({
    queryKey: [...flowKey(workspace, flowId), "health"],
    queryFn: async ({ signal, client, queryKey }): Promise<Health> => {
      const now = await api.getFlowHealth({ workspace, flowId, signal });
      const before = client.getQueryData<Health>(queryKey)?.readings ?? [];
      return { now, readings: withReading(before, readingOf(now, serverNow())) };
    },
    refetchInterval: 30_000,
    gcTime: KEPT_MS,
  });

export const flowAuditQuery = (workspace: string, flowId: string) =>
  pagedQuery(workspace, ["flow", flowId, "audit"], (page) => api.listFlowAudit({ ...page, flowId }));

/** The slots of a flow with a concurrency limit, and those of its fullest keys. */
export const slotsQuery = (workspace: string, flowId: string) =>
  queryOptions({
    queryKey: [...flowKey(workspace, flowId), "slots"],
    queryFn: ({ signal }) => api.getSlots({ workspace, flowId, signal }),
    refetchInterval: 30_000,
  });

/** Counts the runs that stand at each hold, up to one page of them. */
export const standingRunsQuery = (workspace: string, flowId: string) =>
  queryOptions({
    queryKey: [...flowKey(workspace, flowId), "standing"],
    queryFn: async ({ signal }) => {
      const query = { flowId, status: "paused", limit: MAX_PAGE };
      const { items, nextCursor } = await api.listRuns({ workspace, query, signal });
      return { holds: items.map(({ pausedBy }) => pausedBy?.holdIds ?? []), more: nextCursor !== undefined };
    },
    refetchInterval: 30_000,
  });

export const flowsQuery = (workspace: string) =>
  pagedQuery(workspace, ["flows"], (page) => api.listFlows(page));

export const versionsQuery = (workspace: string, flowId: string) =>
  pagedQuery(workspace, ["flow", flowId, "versions"], (page) => api.listVersions({ ...page, flowId }));

/** A version's definition never changes. */
export const versionQuery = (workspace: string, flowId: string, version: number) =>
  queryOptions({
    queryKey: [workspace, "version", flowId, version],
    queryFn: ({ signal }) => api.getVersion({ workspace, flowId, version: String(version), signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

type BodyOf<Id extends "pauseFlow" | "resumeFlow" | "putCaps" | "putFlowSettings"> = NonNullable<
  RequestOf<Id>["body"]
>;

export type PauseBody = Omit<BodyOf<"pauseFlow">, "dryRun">;

/** Previews what a pause would hold. The reason makes no difference. */
export const pausePreviewQuery = (workspace: string, flowId: string, { reason: _why, ...body }: PauseBody) =>
  queryOptions({
    queryKey: [...flowKey(workspace, flowId), "pause", body],
    queryFn: ({ signal }) =>
      api.pauseFlow({ workspace, flowId, body: { ...body, dryRun: true }, ifMatch: "any", signal }),
    staleTime: 10_000,
    retry: false,
  });

/** A change of a flow; each is one call. */
export type FlowChange =
  | { readonly kind: "pause"; readonly body: PauseBody }
  | { readonly kind: "resume"; readonly body: BodyOf<"resumeFlow"> }
  | { readonly kind: "caps"; readonly body: BodyOf<"putCaps"> }
  | { readonly kind: "settings"; readonly body: BodyOf<"putFlowSettings"> }
  | { readonly kind: "activate"; readonly version: number }
  | { readonly kind: "detach" };

const send = (
  change: FlowChange,
  target: { readonly workspace: string; readonly flowId: string; readonly ifMatch: number },
): Promise<Flow> => {
  switch (change.kind) {
    case "pause":
      return api.pauseFlow({ ...target, body: change.body });
    case "resume":
      return api.resumeFlow({ ...target, body: change.body });
    case "caps":
      return api.putCaps({ ...target, body: change.body });
    case "settings":
      return api.putFlowSettings({ ...target, body: change.body });
    case "activate":
      return api.activateVersion({ ...target, version: String(change.version) });
    case "detach":
      return api.detachFlow(target);
  }
};

/** Sends a change with the rev that the person saw, then refreshes the flow. */
export const useChangeFlow = (workspace: string, flowId: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, rev }: { change: FlowChange; rev: number }) =>
      send(change, { workspace, flowId, ifMatch: rev }),
    onSettled: (flow) => {
      if (flow !== undefined) queries.setQueryData(flowQuery(workspace, flowId).queryKey, flow);
      queries.invalidateQueries({ queryKey: [workspace, "flows"] });
      return queries.invalidateQueries({ queryKey: flowKey(workspace, flowId) });
    },
  });
};

export const useCancelScheduledPause = (workspace: string, flowId: string) =>
  useChange(
    workspace,
    (rev: number) => api.cancelScheduledPause({ workspace, flowId, ifMatch: rev }),
    ["flows"],
    ["flow"],
  );

export const useDeleteFlow = (workspace: string, flowId: string) =>
  useChange(workspace, (rev: number) => api.deleteFlow({ workspace, flowId, ifMatch: rev }), ["flows"]);

type Attachment = RequestOf<"attachFlow">["body"] & { readonly flowId: string };

/** Attaches a flow to a state machine, or only reports what that would change. */
export const useAttachFlow = (workspace: string) =>
  useChange(
    workspace,
    ({ flowId, ...body }: Attachment) => api.attachFlow({ workspace, flowId, body }),
    ["flows"],
    ["flow"],
  );
