import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { RunAction, RunStatus } from "../../../shared/model/transitions.ts";
import { failed, succeeded } from "../components/toasts.ts";
import { api } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";

/** Milliseconds until a page refreshes a run; false once nothing can change. */
const REFRESH: Readonly<Record<RunStatus, number | false>> = {
  pending: 10_000,
  running: 10_000,
  paused: 30_000,
  waiting: 30_000,
  completed: false,
  failed: false,
  cancelled: false,
};
const refreshOf = (run: Run | undefined): number | false => {
  if (run === undefined) return false;
  // The step in progress of a paused run ends at any moment.
  return run.status === "paused" && run.parkedAt === undefined ? REFRESH.running : REFRESH[run.status];
};

export const runKey = (workspace: string, runId: string) => [workspace, "run", runId] as const;

export const runQuery = (workspace: string, runId: string) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "run"],
    queryFn: ({ signal }) => api.getRun({ workspace, runId, signal }),
    refetchInterval: ({ state }) => refreshOf(state.data),
  });

/** The replays of an ended run. No index leads from a run to its replays, so only the first runs after its end are searched. */
export const replaysQuery = (workspace: string, { runId, flowId, endedAt }: Run) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "replays"],
    queryFn: async ({ signal }) => {
      const query = { flowId, createdAfter: endedAt, limit: MAX_PAGE };
      const { items } = await api.listRuns({ workspace, query, signal });
      return items.filter(({ replayOf }) => replayOf === runId);
    },
    enabled: endedAt !== undefined,
  });

/** The effect of a replay; not read before `from` is chosen. */
export const replayPreviewQuery = (
  workspace: string,
  runId: string,
  { from, version }: { readonly from: string | undefined; readonly version: "same" | "latest" },
) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "replay-preview", from, version],
    queryFn: ({ signal }) =>
      api.replayRun({ workspace, runId, body: { from, version, dryRun: true }, signal }),
    enabled: from !== undefined,
    retry: false,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** The lists of runs that the console shows. */
export type RunsListName = "listRuns" | "listAttention";
export type RunsQuery = NonNullable<RequestOf<"listAttention">["query"]>;

export const runsListQuery = (workspace: string, list: RunsListName, filter: RunsQuery) => ({
  ...pagedQuery(workspace, ["list", list, filter], ({ query, ...request }) =>
    api[list]({ ...request, query: { ...filter, ...query } }),
  ),
  // A list of runs does not move under the pointer: its rows change in place, and new ones are announced.
  refetchOnWindowFocus: false,
  refetchInterval: false as const,
});

/** The person's own paused runs: few enough to be read again as a whole. */
export const ownPausedRunsQuery = (workspace: string, startedBy: string | undefined) =>
  pagedQuery(workspace, ["list", "own-paused"], ({ query, ...request }) =>
    api.listRuns({ ...request, query: { status: "paused", startedBy, ...query } }),
  );

const DONE: Readonly<Record<RunAction, string>> = {
  pause: "Workflow run paused",
  resume: "Workflow run resumed",
  cancel: "Workflow run cancelled",
};

/** The ways to resume a run: where it stopped, elsewhere, or not at all. */
export type ResumeBody = NonNullable<RequestOf<"resumeRun">["body"]>;

/** Asks what a resume would call next. Nothing is called or changed. */
export const rehearsalQuery = (workspace: string, runId: string, { reason: _, ...body }: ResumeBody) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "rehearsal", body],
    queryFn: async ({ signal }) => {
      const run = await api.resumeRun({
        ...{ workspace, runId, signal },
        ifMatch: "any",
        body: { ...body, dryRun: true },
      });
      return run.rehearsal ?? { version: run.flowVersion, passes: [] };
    },
    retry: false,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

type ControlRequest = { readonly rev: number } & (
  | { readonly action: RunAction; readonly body?: { readonly reason?: string } }
  | { readonly action: "pause"; readonly body: { readonly before: string } }
  | { readonly action: "resume"; readonly body: ResumeBody }
);

/**
 * Sends an action with the rev that the person saw. Afterwards, even after a failure, the page shows the current run.
 * @param isShown whether the caller shows the error itself
 */
export const useControlRun = (
  workspace: string,
  runId: string,
  isShown: (error: unknown) => boolean = () => false,
) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, rev, body = {} }: ControlRequest) =>
      api[`${action}Run`]({ workspace, runId, ifMatch: rev, body }),
    onSuccess: (_run, { action, body = {} }) =>
      succeeded(
        "giveUp" in body ? "Workflow run given up" : "before" in body ? "Breakpoint set" : DONE[action],
      ),
    onError: (error, { action }) => {
      if (!isShown(error)) failed(`Failed to ${action} workflow run`, error);
    },
    onSettled: (run) => {
      if (run !== undefined) queries.setQueryData(runQuery(workspace, runId).queryKey, run);
      return queries.invalidateQueries({ queryKey: runKey(workspace, runId) });
    },
  });
};

/** Assigns an open approval or form to other users. */
export const useAssign = (workspace: string, runId: string, stepId: string) =>
  useChange(
    workspace,
    (body: RequestOf<"assignStep">["body"]) => api.assignStep({ workspace, runId, stepId, body }),
    ["run", runId],
    ["inbox"],
  );

export const useDeleteRun = (workspace: string, { runId, rev }: Run) =>
  useMutation({
    mutationFn: () => api.deleteRun({ workspace, runId, ifMatch: rev }),
    onSuccess: () => succeeded("Workflow run deleted"),
    onError: (error) => failed("Failed to delete workflow run", error),
  });

export const viewsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "views"],
    queryFn: ({ signal }) => api.listViews({ workspace, query: { limit: MAX_PAGE }, signal }),
    staleTime: 30_000,
  });

type SaveView = RequestOf<"putView">["body"] & { readonly viewId: string };

export const useSaveView = (workspace: string) =>
  useChange(workspace, ({ viewId, ...body }: SaveView) => api.putView({ workspace, viewId, body }), [
    "views",
  ]);

export const useDeleteView = (workspace: string) =>
  useChange(workspace, (viewId: string) => api.deleteView({ workspace, viewId }), ["views"]);
