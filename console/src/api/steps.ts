import { queryOptions } from "@tanstack/react-query";
import type { ResultOf } from "../../../shared/client/operations.ts";
import { allItems, type Page } from "../../../shared/client/pages.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { api } from "./client.ts";
import { runKey } from "./runs.ts";

/** A step in a list, where a long input or output is replaced by its size. */
export type ListedStep = ResultOf<"listSteps">["items"][number];

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
