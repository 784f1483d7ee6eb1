import { mayNotHoldAll } from "../../shared/domain/hold-refusals.ts";
import {
  existingIncident,
  noteIncident,
  openIncident,
  resolveIncident,
} from "../../shared/domain/incidents/change-incident.ts";
import { previewIncident } from "../../shared/domain/incidents/preview-incident.ts";
import { listIncidents, showIncident } from "../../shared/domain/incidents/read-incidents.ts";
import type { Caller } from "../../shared/domain/workspace/authorize.ts";
import { incidentOperations } from "../../shared/model/api/incident-operations.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const openIncidentEndpoint = (deps: Dependencies) =>
  endpoint(deps, incidentOperations.openIncident, async ({ params, body, idempotencyKey }, caller) => {
    const { workspace } = params;
    const { dryRun, ...asked } = body;
    if (dryRun === true) return { status: 200, body: await previewIncident(deps, { ...asked, workspace }) };
    if (asked.all === true) refuseUnlessAdmin(caller);
    const { actor } = caller;
    const incident = await openIncident(deps, { ...asked, workspace, actor, idempotencyKey });
    return {
      ...{ status: 201, body: await showIncident(deps, incident) },
      location: `/v1/workspaces/${workspace}/incidents/${incident.incidentId}`,
    };
  });

export const listIncidentsEndpoint = (deps: Dependencies) =>
  endpoint(deps, incidentOperations.listIncidents, async ({ params, query }) => ({
    status: 200,
    body: await listIncidents(deps, params.workspace, query),
  }));

export const getIncidentEndpoint = (deps: Dependencies) =>
  endpoint(deps, incidentOperations.getIncident, async ({ params: { workspace, incidentId } }) => ({
    status: 200,
    body: await showIncident(deps, await existingIncident(deps, workspace, incidentId)),
  }));

export const noteIncidentEndpoint = (deps: Dependencies) =>
  endpoint(deps, incidentOperations.noteIncident, async ({ params, body }, { actor }) => ({
    status: 200,
    body: await showIncident(deps, await noteIncident(deps, { ...params, ...body, actor })),
  }));

export const resolveIncidentEndpoint = (deps: Dependencies) =>
  endpoint(deps, incidentOperations.resolveIncident, async ({ params, body }, caller) => {
    const { all } = await existingIncident(deps, params.workspace, params.incidentId);
    if (all === true) refuseUnlessAdmin(caller);
    const { actor } = caller;
    return {
      status: 200,
      body: await showIncident(deps, await resolveIncident(deps, { ...params, ...body, actor })),
    };
  });

/** Whoever may set caps is an administrator. */
const refuseUnlessAdmin = (caller: Caller): void => {
  if (caller.grantOf("set-caps") !== "all") throw mayNotHoldAll();
};
