import { queryOptions } from "@tanstack/react-query";
import { ApiError } from "../../../shared/client/api-error.ts";
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

/** Refuses to change a trigger that somebody else has changed since the page showed it. The API has no revision for that. */
const refuseIfChanged = async (workspace: string, flowId: string, seen: Trigger): Promise<void> => {
  const { triggerId, updatedAt } = seen;
  const now = await api.getTrigger({ workspace, flowId, triggerId });
  if (now.updatedAt === updatedAt) return;
  throw new ApiError("state_changed", `${now.updatedBy} has changed ${triggerId}. Look at it again.`);
};

/** Creates a trigger, or replaces the one that the person saw. */
export const usePutTrigger = (workspace: string, flowId: string) =>
  useChange(
    workspace,
    async ({ triggerId, body, seen }: { triggerId: string; body: TriggerBody; seen: Seen }) => {
      if (seen !== undefined) await refuseIfChanged(workspace, flowId, seen);
      return api.putTrigger({ workspace, flowId, triggerId, body });
    },
    triggersKey(flowId),
  );

export const useDeleteTrigger = (workspace: string, flowId: string) =>
  useChange(
    workspace,
    (triggerId: string) => api.deleteTrigger({ workspace, flowId, triggerId }),
    triggersKey(flowId),
  );
