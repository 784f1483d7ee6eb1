import { queryOptions } from "@tanstack/react-query";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import { api, serverNow } from "./client.ts";

const REFRESH_MS = 30_000;

export interface FailuresFilter {
  readonly flowId?: string | undefined;
  /** Milliseconds before now; failures before that are left out. */
  readonly age?: number | undefined;
}

/** The largest groups of failures. */
export const failuresQuery = (workspace: string, { flowId, age }: FailuresFilter) =>
  queryOptions({
    queryKey: [workspace, "failures", flowId, age],
    queryFn: async ({ signal }) => {
      const since = age === undefined ? undefined : new Date(serverNow() - age).toISOString();
      const query = { flowId, since, limit: MAX_PAGE };
      return (await api.getFailures({ workspace, query, signal })).items;
    },
    refetchInterval: REFRESH_MS,
  });
