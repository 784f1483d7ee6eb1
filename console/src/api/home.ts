import { queryOptions } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import { session } from "../session/session.ts";
import { api, serverNow } from "./client.ts";
import { failuresQuery } from "./failures.ts";

/** Milliseconds until the home page reads each of its parts again: nine calls a minute. */
const REFRESH_MS = 60_000;
const DAY_MS = 86_400_000;

/** The statuses whose runs the home page counts. Failed runs are counted by their groups. */
export const COUNTED = ["running", "pending", "waiting", "paused", "completed"] as const;
export type CountedStatus = (typeof COUNTED)[number];

/** A time one day ago, as the runs' list takes it. */
export const dayAgo = (): string => new Date(serverNow() - DAY_MS).toISOString();

type RunsQuery = NonNullable<RequestOf<"listRuns">["query"]>;

const firstRuns = (workspace: string, key: string, filter: () => RunsQuery) =>
  queryOptions({
    queryKey: [workspace, "list", "home", key],
    queryFn: ({ signal }) => api.listRuns({ workspace, query: { ...filter(), limit: MAX_PAGE }, signal }),
    refetchInterval: REFRESH_MS,
  });

/** The first page of the runs with a status; of completed runs, those of the last day. */
export const statusQuery = (workspace: string, status: CountedStatus) =>
  firstRuns(workspace, status, () => ({
    status,
    ...(status === "completed" ? { createdAfter: dayAgo() } : {}),
  }));

/** The first page of the person's own paused runs. */
export const firstOwnPausedQuery = (workspace: string) =>
  firstRuns(workspace, "own", () => ({ status: "paused", startedBy: session.current()?.userId }));

/** The largest groups of failures of the last day. */
export const lastFailuresQuery = (workspace: string) => ({
  ...failuresQuery(workspace, { age: DAY_MS }),
  refetchInterval: REFRESH_MS,
});

/** The first page of flows. */
export const firstFlowsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "flows", "first"],
    queryFn: ({ signal }) => api.listFlows({ workspace, query: { limit: MAX_PAGE }, signal }),
    refetchInterval: REFRESH_MS,
  });

/** The first page of the person's approvals and forms. */
export const firstInboxQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "inbox", "first"],
    queryFn: ({ signal }) => api.listInbox({ workspace, query: { limit: MAX_PAGE }, signal }),
    refetchInterval: REFRESH_MS,
  });
