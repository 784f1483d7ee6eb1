import { queryOptions } from "@tanstack/react-query";
import type { FlowVersion } from "../../../shared/model/flow.ts";
import { call } from "./client.ts";

export const flowPath = (flowId: string): string => `/flows/${encodeURIComponent(flowId)}`;

/** A version's definition never changes. */
export const versionQuery = (workspace: string, flowId: string, version: number) =>
  queryOptions({
    queryKey: [workspace, "flow", flowId, "version", version],
    queryFn: ({ signal }) =>
      call<FlowVersion>(workspace, `${flowPath(flowId)}/versions/${version}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
