import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { InboxItem } from "../../../shared/model/schemas/inbox.ts";
import type { Step } from "../../../shared/model/schemas/run.ts";
import { call } from "./client.ts";
import type { Page } from "./pages.ts";

export const inboxQuery = (workspace: string) =>
  infiniteQueryOptions({
    queryKey: [workspace, "inbox"],
    queryFn: ({ pageParam, signal }) =>
      call<Page<InboxItem>>(workspace, "/inbox", { query: { limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 30_000,
  });

export interface StepAnswer {
  readonly decision: "approved" | "rejected" | "submitted";
  readonly comment?: string;
  readonly data?: unknown;
}

/** A step takes one answer: whoever comes second is told so. */
export const useAnswer = (workspace: string, { runId, stepId }: InboxItem) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (answer: StepAnswer) =>
      call<Step>(workspace, `/runs/${runId}/steps/${encodeURIComponent(stepId)}/complete`, {
        method: "POST",
        body: answer,
      }),
    onSettled: () => {
      queries.invalidateQueries({ queryKey: [workspace, "run", runId] });
      return queries.invalidateQueries({ queryKey: [workspace, "inbox"] });
    },
  });
};
