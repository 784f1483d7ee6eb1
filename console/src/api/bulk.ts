import { queryOptions, useMutation } from "@tanstack/react-query";
import type { BulkAction, BulkOptions } from "../../../shared/model/bulk.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import type { RunFilter } from "../../../shared/model/schemas/run-filter.ts";
import { api } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";

/** The runs that an operation acts on: the selected ones as the person saw them, or all that match a filter when it starts. */
export type BulkTarget =
  | { readonly runIds: string[]; readonly revs: number[] }
  | { readonly filter: RunFilter };

export interface BulkRequest {
  readonly action: BulkAction;
  readonly target: BulkTarget;
  readonly options: BulkOptions;
  readonly reason?: string;
}

const bodyOf = ({ action, target, options, reason }: BulkRequest) => ({
  action,
  ...target,
  ...options,
  ...(reason === undefined || reason === "" ? {} : { reason }),
});

/** Counts the runs that the operation would act on. */
export const bulkPreviewQuery = (workspace: string, request: BulkRequest) =>
  queryOptions({
    queryKey: [workspace, "bulk-preview", request],
    queryFn: ({ signal }) =>
      api.startBulkOperation({ workspace, body: { ...bodyOf(request), dryRun: true }, signal }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

export const useStartBulk = (workspace: string) =>
  useMutation({
    mutationFn: ({ request, key }: { request: BulkRequest; key: string }) =>
      api.startBulkOperation({ workspace, body: bodyOf(request), idempotencyKey: key }),
  });

const PROGRESS_MS = 1_000;

export const bulkQuery = (workspace: string, bulkId: string) =>
  queryOptions({
    queryKey: [workspace, "bulk", bulkId],
    queryFn: ({ signal }) => api.getBulkOperation({ workspace, bulkId, signal }),
    refetchInterval: ({ state }) =>
      state.data?.status === "running" || state.data === undefined ? PROGRESS_MS : false,
  });

/** The first page of results. */
export const bulkResultsQuery = (workspace: string, bulkId: string) =>
  queryOptions({
    queryKey: [workspace, "bulk", bulkId, "results"],
    queryFn: ({ signal }) => api.listBulkResults({ workspace, bulkId, query: { limit: MAX_PAGE }, signal }),
  });

/** All results, page by page, read again when the operation's status changes. */
export const bulkResultPagesQuery = (
  workspace: string,
  { bulkId, status }: Pick<Bulk, "bulkId" | "status">,
) =>
  pagedQuery(workspace, ["bulk", bulkId, "result-pages", status], (page) =>
    api.listBulkResults({ ...page, bulkId }),
  );

/** The bulk operations of the last 30 days, newest first. */
export const bulksQuery = (workspace: string) =>
  pagedQuery(workspace, ["bulks"], (page) => api.listBulkOperations(page));

export const useStopBulk = (workspace: string, bulkId: string) =>
  useChange(workspace, () => api.stopBulkOperation({ workspace, bulkId }), ["bulk", bulkId]);
