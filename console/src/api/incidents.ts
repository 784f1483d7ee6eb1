import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { RequestOf } from "../../../shared/client/operations.ts";
import type { Incident } from "../../../shared/model/schemas/incident.ts";
import { api } from "./client.ts";
import { pagedQuery, useChange } from "./pages.ts";

export const incidentsQuery = (workspace: string) =>
  pagedQuery(workspace, ["incidents"], (page) => api.listIncidents(page));

/** Milliseconds until an incident is read again: short while its holds are placed or lifted. */
const refreshOf = (incident: Incident | undefined): number | false => {
  if (incident === undefined) return false;
  if (incident.progress !== undefined && incident.progress.work !== "settle") return 2_000;
  if (incident.status === "open") return 10_000;
  return incident.holds.some(({ state }) => state === "canary") ? 5_000 : 60_000;
};

export const incidentQuery = (workspace: string, incidentId: string) =>
  queryOptions({
    queryKey: [workspace, "incident", incidentId],
    queryFn: ({ signal }) => api.getIncident({ workspace, incidentId, signal }),
    refetchInterval: ({ state }) => refreshOf(state.data),
  });

export type IncidentBody = Omit<RequestOf<"openIncident">["body"], "dryRun">;

/** The flows that an incident names, and the resources whose callers it holds. */
export type AskedHolds = Pick<IncidentBody, "flows" | "resources" | "all">;

/** The flows and states that such an incident would hold. */
export const incidentPreviewQuery = (workspace: string, asked: AskedHolds) =>
  queryOptions({
    queryKey: [workspace, "incident-preview", asked],
    queryFn: ({ signal }) =>
      // The title makes no difference.
      api.openIncident({ workspace, body: { ...asked, title: "Preview", dryRun: true }, signal }),
    staleTime: 10_000,
    retry: false,
  });

const STALE = [["incidents"], ["flows"], ["flow"]];

/** Opens an incident. The same `key` opens it once, however often it is sent. */
export const useOpenIncident = (workspace: string) =>
  useChange(
    workspace,
    ({ body, key }: { body: IncidentBody; key: string }) =>
      api.openIncident({ workspace, body: { ...body, dryRun: undefined }, idempotencyKey: key }),
    ...STALE,
  );

/** A change of an incident, which answers with the incident. */
export type IncidentChange =
  | { readonly kind: "note"; readonly body: RequestOf<"noteIncident">["body"] }
  | { readonly kind: "resolve"; readonly body: NonNullable<RequestOf<"resolveIncident">["body"]> };

export const useChangeIncident = (workspace: string, incidentId: string) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: IncidentChange) =>
      change.kind === "note"
        ? api.noteIncident({ workspace, incidentId, body: change.body })
        : api.resolveIncident({ workspace, incidentId, body: change.body }),
    onSettled: (incident) => {
      const { queryKey } = incidentQuery(workspace, incidentId);
      if (incident !== undefined) queries.setQueryData(queryKey, incident);
      return Promise.all(
        [queryKey, ...STALE.map((key) => [workspace, ...key])].map((key) =>
          queries.invalidateQueries({ queryKey: key }),
        ),
      );
    },
  });
};
