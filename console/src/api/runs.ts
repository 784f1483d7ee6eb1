import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { AuditItem, Run, Step } from "../../../shared/model/schemas/run.ts";
import type { RunAction, RunStatus } from "../../../shared/model/transitions.ts";
import { call } from "./client.ts";
import type { Page } from "./pages.ts";

/** A step in a list: long inputs and outputs are told by their size. */
export type Truncated = { readonly truncated: true; readonly size: number };

/** How often a page looks again by itself, in milliseconds; not at all once nothing can change. */
const REFRESH: Readonly<Record<RunStatus, number | false>> = {
  pending: 10_000,
  running: 10_000,
  paused: 30_000,
  waiting: 30_000,
  completed: false,
  failed: false,
  cancelled: false,
};
const refreshOf = (status: RunStatus | undefined): number | false =>
  status === undefined ? false : REFRESH[status];

const runKey = (workspace: string, runId: string) => [workspace, "run", runId] as const;

export const runQuery = (workspace: string, runId: string) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "run"],
    queryFn: ({ signal }) => call<Run>(workspace, `/runs/${runId}`, { signal }),
    refetchInterval: ({ state }) => refreshOf(state.data?.status),
  });

/** The newest replays of a run that is over. No index leads from a run to its replays, so only the first runs after it are looked at. */
export const replaysQuery = (workspace: string, { runId, flowId, endedAt }: Run) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "replays"],
    queryFn: async ({ signal }) => {
      const query = { flowId, createdAfter: endedAt, limit: 200 };
      const { items } = await call<Page<Run>>(workspace, "/runs", { query, signal });
      return items.filter(({ replayOf }) => replayOf === runId);
    },
    enabled: endedAt !== undefined,
  });

/** Everything of a list that is read page by page; steps and audits are short enough to be shown whole. */
const all = async <T>(workspace: string, path: string, signal: AbortSignal): Promise<readonly T[]> => {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await call<Page<T>>(workspace, path, { query: { limit: 200, cursor }, signal });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < 2_000);
  return items;
};

/** `rev` and `step` of the run are in the key: what belongs to the run is read again when the run has moved. */
export const stepsQuery = (workspace: string, runId: string) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "steps"],
    queryFn: ({ signal }) => all<Step>(workspace, `/runs/${runId}/steps`, signal),
  });
export const runAuditQuery = (workspace: string, runId: string) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "audit"],
    queryFn: ({ signal }) => all<AuditItem>(workspace, `/runs/${runId}/audit`, signal),
  });

export const runsListQuery = (workspace: string, path: string, filter: Record<string, string | undefined>) =>
  infiniteQueryOptions({
    queryKey: [workspace, "list", path, filter],
    queryFn: ({ pageParam, signal }) =>
      call<Page<Run>>(workspace, path, { query: { ...filter, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchOnWindowFocus: false,
  });

interface ControlWish {
  readonly action: RunAction;
  readonly rev: number;
  readonly reason?: string;
  /** An administrator's word for permissions that the run's user lacks. */
  readonly override?: true;
}

/** Sends a control with the revision that the person saw; whatever comes of it, the page then shows the run as it is. */
export const useControlRun = (workspace: string, runId: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, rev, ...body }: ControlWish) =>
      call<Run>(workspace, `/runs/${runId}/${action}`, {
        method: "POST",
        ifMatch: rev,
        body,
      }),
    onSettled: (run) => {
      if (run !== undefined) queries.setQueryData(runQuery(workspace, runId).queryKey, run);
      return queries.invalidateQueries({ queryKey: runKey(workspace, runId) });
    },
  });
};
