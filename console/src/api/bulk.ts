import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { BulkAction } from "../../../shared/model/bulk.ts";
import type { Bulk, BulkResult } from "../../../shared/model/schemas/bulk.ts";
import { call } from "./client.ts";
import type { Page } from "./pages.ts";

/** The runs that an operation is for: those chosen, or all that a filter finds at that moment. */
export type BulkTarget =
  | { readonly runIds: readonly string[] }
  | { readonly filter: Readonly<Record<string, unknown>> };

export interface BulkRequest {
  readonly action: BulkAction;
  readonly target: BulkTarget;
  readonly reason?: string;
}

const bodyOf = ({ action, target, reason }: BulkRequest) => ({
  action,
  ...target,
  ...(reason === undefined || reason === "" ? {} : { reason }),
});

/** How many runs it would be for; nothing is done. */
export const bulkPreviewQuery = (workspace: string, request: BulkRequest) =>
  queryOptions({
    queryKey: [workspace, "bulk-preview", request],
    queryFn: ({ signal }) =>
      call<{ matched: number }>(workspace, "/bulk-operations", {
        method: "POST",
        body: { ...bodyOf(request), dryRun: true },
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

export const useStartBulk = (workspace: string) =>
  useMutation({
    mutationFn: ({ request, key }: { request: BulkRequest; key: string }) =>
      call<Bulk>(workspace, "/bulk-operations", {
        method: "POST",
        body: bodyOf(request),
        idempotencyKey: key,
      }),
  });

const PROGRESS_MS = 1_000;
const bulkPath = (bulkId: string): string => `/bulk-operations/${encodeURIComponent(bulkId)}`;

export const bulkQuery = (workspace: string, bulkId: string) =>
  queryOptions({
    queryKey: [workspace, "bulk", bulkId],
    queryFn: ({ signal }) => call<Bulk>(workspace, bulkPath(bulkId), { signal }),
    refetchInterval: ({ state }) =>
      state.data?.status === "running" || state.data === undefined ? PROGRESS_MS : false,
  });

/** The first results; skipped and failed ones tell why. */
export const bulkResultsQuery = (workspace: string, bulkId: string) =>
  queryOptions({
    queryKey: [workspace, "bulk", bulkId, "results"],
    queryFn: ({ signal }) =>
      call<Page<BulkResult>>(workspace, `${bulkPath(bulkId)}/results`, { query: { limit: 200 }, signal }),
  });

export const useStopBulk = (workspace: string, bulkId: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call<Bulk>(workspace, `${bulkPath(bulkId)}/stop`, { method: "POST", body: {} }),
    onSettled: () => queries.invalidateQueries({ queryKey: [workspace, "bulk", bulkId] }),
  });
};
