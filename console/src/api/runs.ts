import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf, ResultOf } from "../../../shared/client/operations.ts";
import { allItems, type Page } from "../../../shared/client/pages.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { RunAction, RunStatus } from "../../../shared/model/transitions.ts";
import { failed, succeeded } from "../components/toasts.ts";
import { api } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";

/** A step in a list, where a long input or output is replaced by its size. */
export type ListedStep = ResultOf<"listSteps">["items"][number];

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

const runKey = (workspace: string, runId: string) => [workspace, "run", runId] as const;

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

/** The newest run of the flow that succeeded before this one was created, or else the newest; null if there is none. */
export const lastCompletedQuery = (workspace: string, { runId, flowId, createdAt }: Run) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "last-completed"],
    queryFn: async ({ signal }) => {
      const newest = async (more: { createdBefore?: string }) => {
        const query = { flowId, status: "completed", limit: 2, ...more };
        const { items } = await api.listRuns({ workspace, query, signal });
        return items.find((run) => run.runId !== runId);
      };
      return (await newest({ createdBefore: createdAt })) ?? (await newest({})) ?? null;
    },
    staleTime: 60_000,
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

/** Audit entries are few enough to be shown on one page. */
const MAX_AUDIT = 2_000;

/** A page of steps, and the position at which it begins. */
interface StepsPage extends Page<ListedStep> {
  readonly cursor: string | undefined;
}
/** A run has more steps only if it lasts for months. */
const MAX_STEPS = 25_000;
/** Pages after which the first ones are shown while the rest is read. */
const SHOWN_PAGES = [1, 5, 20];

/** Whether nothing on a page of steps changes any more. */
const isSettled = ({ items, nextCursor }: StepsPage): boolean =>
  nextCursor !== undefined && items.every(({ endedAt }) => endedAt !== undefined);

/**
 * The run's steps. Pages on which every step has ended are read once, so that an update of a very long run takes as few requests as that
 * of a short one.
 */
export const stepsQuery = (workspace: string, runId: string) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "steps"],
    queryFn: async ({ signal, client, queryKey }) => {
      const known = new Map(
        (client.getQueryData<readonly StepsPage[]>(queryKey) ?? []).map((page) => [page.cursor, page]),
      );
      const pages: StepsPage[] = [];
      let cursor: string | undefined;
      do {
        const before = known.get(cursor);
        const query = { limit: MAX_PAGE, cursor };
        const page: StepsPage =
          before !== undefined && isSettled(before)
            ? before
            : { ...(await api.listSteps({ workspace, runId, query, signal })), cursor };
        pages.push(page);
        cursor = page.nextCursor;
        const isFirstTime = known.size === 0 && cursor !== undefined;
        if (isFirstTime && SHOWN_PAGES.includes(pages.length)) client.setQueryData(queryKey, [...pages]);
      } while (cursor !== undefined && pages.length * MAX_PAGE < MAX_STEPS);
      return pages;
    },
    select: allSteps,
    structuralSharing: false,
  });
const allSteps = (pages: readonly StepsPage[]): readonly ListedStep[] => pages.flatMap(({ items }) => items);

/** A step with its complete input and output. */
export const stepQuery = (
  workspace: string,
  runId: string,
  { stepId, status }: Pick<ListedStep, "stepId" | "status">,
) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "step", stepId, status],
    queryFn: ({ signal }) => api.getStep({ workspace, runId, stepId, signal }),
  });
/** The attempts of a step, and what its function printed. */
export const stepLogsQuery = (
  workspace: string,
  runId: string,
  { stepId, status }: Pick<ListedStep, "stepId" | "status">,
) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "logs", stepId, status],
    queryFn: ({ signal }) => api.getStepLogs({ workspace, runId, stepId, signal }),
  });
export type StepAttempt = ResultOf<"getStepLogs">["attempts"][number];
export const runAuditQuery = (workspace: string, runId: string) =>
  queryOptions({
    queryKey: [...runKey(workspace, runId), "audit"],
    queryFn: ({ signal }) =>
      allItems(
        (cursor) => api.listRunAudit({ workspace, runId, query: { limit: MAX_PAGE, cursor }, signal }),
        MAX_AUDIT,
      ),
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
