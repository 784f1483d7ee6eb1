import { queryOptions } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import type { Trigger } from "../../../shared/model/schemas/trigger.ts";
import { api } from "./client.ts";
import { useChange } from "./pages.ts";

const REFRESH_MS = 60_000;
/** With many triggers, their last runs are read more rarely, so that the page makes four such calls a minute at most. */
const REFRESH_EACH_MS = 15_000;

const triggersKey = (flowId: string) => ["flow", flowId, "triggers"] as const;

export const triggersQuery = (workspace: string, flowId: string) =>
  queryOptions({
    queryKey: [workspace, ...triggersKey(flowId)],
    queryFn: async ({ signal }) => (await api.getTriggers({ workspace, flowId, signal })).items,
    refetchInterval: REFRESH_MS,
  });

/** The run that a trigger started last; null for none. `count` is how many triggers the flow has. */
export const lastRunQuery = (workspace: string, flowId: string, triggerId: string, count: number) =>
  queryOptions({
    queryKey: [workspace, ...triggersKey(flowId), triggerId, "last-run"],
    queryFn: async ({ signal }) => {
      const query = { flowId, startedBy: triggerId, limit: 1 };
      return (await api.listRuns({ workspace, query, signal })).items[0] ?? null;
    },
    refetchInterval: Math.max(REFRESH_MS, count * REFRESH_EACH_MS),
  });

export type TriggerBody = RequestOf<"putTrigger">["body"];

/** A trigger as the person saw it; undefined for a new one. */
type Seen = Trigger | undefined;

/** Creates a trigger, or replaces the one that the person saw. */
export const usePutTrigger = (workspace: string, flowId: string) =>
  useChange(
    workspace,
    ({ triggerId, body, seen }: { triggerId: string; body: TriggerBody; seen: Seen }) =>
      api.putTrigger({ workspace, flowId, triggerId, body, ifMatch: seen?.rev ?? "any" }),
    triggersKey(flowId),
  );

export const useDeleteTrigger = (workspace: string, flowId: string) =>
  useChange(
    workspace,
    ({ triggerId, rev }: Trigger) => api.deleteTrigger({ workspace, flowId, triggerId, ifMatch: rev }),
    triggersKey(flowId),
  );
