import type { RequestOf } from "../../../shared/client/operations.ts";
import type { InboxItem } from "../../../shared/model/schemas/inbox.ts";
import { api } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";

export const inboxQuery = (workspace: string) =>
  pagedQuery(workspace, ["inbox"], (page) => api.listInbox(page));

/** The first page of the inbox for the navigation, which is not read at intervals. */
export const inboxCountQuery = (workspace: string) => ({
  ...inboxQuery(workspace),
  refetchInterval: false as const,
  staleTime: 30_000,
});

export type StepAnswer = RequestOf<"completeStep">["body"];

/** Answers a step. A step takes one answer; a second one is refused. */
export const useAnswer = (workspace: string, { runId, stepId }: InboxItem) =>
  useChange(
    workspace,
    (answer: StepAnswer) => api.completeStep({ workspace, runId, stepId, body: answer }),
    ["run", runId],
    ["inbox"],
  );
