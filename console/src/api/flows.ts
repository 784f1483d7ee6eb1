import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { HoldKind } from "../../../shared/model/holds.ts";
import type { Flow, FlowVersion } from "../../../shared/model/schemas/flow.ts";
import { call } from "./client.ts";
import type { Page } from "./pages.ts";

const flowPath = (flowId: string): string => `/flows/${encodeURIComponent(flowId)}`;
const flowKey = (workspace: string, flowId: string) => [workspace, "flow", flowId] as const;

/** How often the page looks again by itself, in milliseconds: often while a queue is worked off. */
const refreshOf = (flow: Flow | undefined): number | false => {
  if (flow === undefined) return false;
  if (flow.draining !== null) return 2_000;
  return flow.status === "active" ? 30_000 : 10_000;
};

export const flowQuery = (workspace: string, flowId: string) =>
  queryOptions({
    queryKey: [...flowKey(workspace, flowId), "flow"],
    queryFn: ({ signal }) => call<Flow>(workspace, flowPath(flowId), { signal }),
    refetchInterval: ({ state }) => refreshOf(state.data),
  });

export const flowsQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: [workspace, "flows"],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Flow>>(workspace, "/flows", { query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 30_000,
  });

export const versionsQuery = (workspace: string, flowId: string) =>
  infiniteQueryOptions({
    queryKey: [...flowKey(workspace, flowId), "versions"],
    queryFn: ({ pageParam, signal }) =>
      call<Page<FlowVersion>>(workspace, `${flowPath(flowId)}/versions`, {
        query: { limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
  });

/** A version's definition never changes. */
export const versionQuery = (workspace: string, flowId: string, version: number) =>
  queryOptions({
    queryKey: [workspace, "version", flowId, version],
    queryFn: ({ signal }) =>
      call<FlowVersion>(workspace, `${flowPath(flowId)}/versions/${version}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What a person may ask of a flow; each is one call. */
export type FlowChange =
  | {
      readonly kind: "pause";
      readonly mode: "queue" | "reject";
      readonly resumeAt?: string;
      readonly reason?: string;
    }
  | {
      readonly kind: "resume";
      readonly drainRate?: number;
      readonly holds?: readonly Exclude<HoldKind, "spend">[];
      readonly reason?: string;
    }
  | {
      readonly kind: "caps";
      readonly throughput: { readonly limit: number; readonly per: "minute" | "hour" | "day" } | null;
      readonly spend: { readonly limit: number; readonly period: "day" | "month" } | null;
    }
  | { readonly kind: "activate"; readonly version: number };

const request = (flowId: string, { kind, ...body }: FlowChange) => {
  const path = flowPath(flowId);
  if (kind === "caps") return { path: `${path}/caps`, method: "PUT", body } as const;
  if (kind === "activate") {
    const { version } = body as Extract<FlowChange, { kind: "activate" }>;
    return { path: `${path}/versions/${version}/activate`, method: "POST" } as const;
  }
  return { path: `${path}/${kind}`, method: "POST", body } as const;
};

/** Sends a change with the revision that the person saw; the page then shows the flow as it is. */
export const useChangeFlow = (workspace: string, flowId: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, rev }: { change: FlowChange; rev: number }) => {
      const { path, ...options } = request(flowId, change);
      return call<Flow>(workspace, path, { ...options, ifMatch: rev });
    },
    onSettled: (flow) => {
      if (flow !== undefined) queries.setQueryData(flowQuery(workspace, flowId).queryKey, flow);
      queries.invalidateQueries({ queryKey: [workspace, "flows"] });
      return queries.invalidateQueries({ queryKey: flowKey(workspace, flowId) });
    },
  });
};

export const useDeleteFlow = (workspace: string, flowId: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rev: number) => call<void>(workspace, flowPath(flowId), { method: "DELETE", ifMatch: rev }),
    onSettled: () => queries.invalidateQueries({ queryKey: [workspace, "flows"] }),
  });
};
