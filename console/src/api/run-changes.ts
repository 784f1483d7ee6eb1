import { type InfiniteData, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect } from "react";
import type { Page } from "../../../shared/client/pages.ts";
import { MAX_CHANGED_RUNS } from "../../../shared/model/limits.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import { api } from "./client.ts";
import { type RunsListName, type RunsQuery, runsListQuery } from "./runs.ts";

/** Milliseconds between two readings: ten calls a minute. */
const POLL_MS = 6_000;

type Loaded = InfiniteData<Page<Run>>;

interface ShownList {
  readonly list: RunsListName;
  readonly query: RunsQuery;
  /** The rows that are on the screen. */
  readonly shown: RefObject<readonly Run[]>;
  /** The first row, above which new ones appear. */
  readonly newest: Run | undefined;
}

/** Runs that have ended do not change any more. */
const changing = (runs: readonly Run[]): Run[] =>
  runs.filter(({ status }) => !isTerminal(status)).slice(0, MAX_CHANGED_RUNS);

const changesQuery = (workspace: string, { list, query, shown, newest }: ShownList) =>
  queryOptions({
    queryKey: [workspace, "run-changes", list, query, newest?.runId],
    queryFn: async ({ signal }) => {
      const asked = changing(shown.current).map(({ runId }) => runId);
      const isAttention = list === "listAttention";
      const { limit: _, cursor: __, ...filter } = query;
      const { items, newer } = await api.getRunChanges({
        workspace,
        query: {
          ...filter,
          ...(isAttention ? { list: "attention" } : {}),
          ...(asked.length === 0 ? {} : { runIds: asked.join(",") }),
          after: isAttention ? newest?.since : newest?.createdAt,
        },
        signal,
      });
      const found = new Set(items.map(({ runId }) => runId));
      return { items, newer, gone: asked.filter((runId) => !found.has(runId)) };
    },
    refetchInterval: POLL_MS,
    // The list has just been read.
    initialData: { items: [], newer: 0, gone: [] },
    initialDataUpdatedAt: Date.now(),
    staleTime: POLL_MS,
    enabled: newest !== undefined,
  });

/**
 * Keeps the rows of a list of runs current by one call for all that are on the screen. They change in their places; new runs are only
 * counted, and deleted ones named.
 */
export const useRunChanges = (workspace: string, asked: ShownList) => {
  const queries = useQueryClient();
  const { data } = useQuery(changesQuery(workspace, asked));
  const { list, query } = asked;
  const { items } = data;
  useEffect(() => {
    if (items.length === 0) return;
    const { queryKey } = runsListQuery(workspace, list, query);
    queries.setQueryData<Loaded>(queryKey, (loaded) => loaded && withRuns(loaded, items));
  }, [queries, workspace, list, query, items]);
  return data;
};

/** Puts the runs as they are now in their places. Queries keep the objects that have not changed. */
const withRuns = (loaded: Loaded, items: readonly Run[]): Loaded => {
  const byId = new Map(items.map((run) => [run.runId, run]));
  const current = (run: Run): Run => {
    const read = byId.get(run.runId);
    return read === undefined || read.rev < run.rev ? run : read;
  };
  return { ...loaded, pages: loaded.pages.map((page) => ({ ...page, items: page.items.map(current) })) };
};
