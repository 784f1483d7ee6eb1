import { infiniteQueryOptions, type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Page } from "../../../shared/client/pages.ts";

const PAGE = 100;

interface PageRequest {
  readonly workspace: string;
  readonly query: { readonly limit: number; readonly cursor: string | undefined };
  readonly signal: AbortSignal;
}

/** Milliseconds until an open list is read again. */
const REFRESH_MS = 30_000;

/** A list that is read page by page, on request, and again while it is open. */
export const pagedQuery = <T>(
  workspace: string,
  queryKey: QueryKey,
  read: (request: PageRequest) => Promise<Page<T>>,
) =>
  infiniteQueryOptions({
    queryKey: [workspace, ...queryKey],
    queryFn: ({ pageParam, signal }) =>
      read({ workspace, query: { limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
  });

/** A change to the workspace. Afterwards, all queries with these keys are repeated, even if the change failed. */
export const useChange = <Request, Result>(
  workspace: string,
  change: (request: Request) => Promise<Result>,
  ...stale: readonly QueryKey[]
) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(stale.map((key) => queries.invalidateQueries({ queryKey: [workspace, ...key] }))),
  });
};
