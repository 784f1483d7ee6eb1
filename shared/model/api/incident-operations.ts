import * as z from "zod";
import { MAX_INCIDENT_FLOWS, MAX_INCIDENT_RESOURCES } from "../holds/incident.ts";
import { MAX_CANARY } from "../limits.ts";
import { NO_TIME, text } from "../schemas/fields.ts";
import { flowIdSchema } from "../schemas/flow.ts";
import { incidentPreviewSchema, incidentSchema, incidentSummarySchema } from "../schemas/incident.ts";
import { rampSchema } from "./hold-requests.ts";
import { operations, pages, reading, tagged } from "./operation.ts";
import { page } from "./responses.ts";

const note = text(2_000).min(1);

const openIncidentSchema = z
  .strictObject({
    title: text(200).min(1),
    flows: z.array(flowIdSchema).min(1).max(MAX_INCIDENT_FLOWS).optional().meta({
      description: "Flows to hold as a whole.",
    }),
    resources: z.array(text(2_048).min(1)).min(1).max(MAX_INCIDENT_RESOURCES).optional().meta({
      description:
        "Names or ARNs of what Tasks call: functions, queues, topics, tables, state machines, endpoints. In every flow, just the states that call one of them are held, in all versions with open runs.",
    }),
    all: z.literal(true).optional().meta({
      description: "Hold every flow of the workspace. Administrators only.",
    }),
    mode: z.enum(["queue", "reject"]).optional().meta({
      description: "Whether flows held as a whole queue new records (default) or reject them.",
    }),
    resumeAt: z.iso.datetime({ offset: true, error: NO_TIME }).optional().meta({
      description: "When the incident is resolved automatically: at most, and by default, after 14 days.",
    }),
    dryRun: z.boolean().optional().meta({
      description:
        "Hold nothing; return the flows and states that the incident would hold. The permission to read flows is enough.",
    }),
    note: note.optional(),
  })
  .refine(({ flows, resources, all }) => flows ?? resources ?? all, {
    path: ["flows"],
    message: "Give flows, resources or all: what the incident holds",
  })
  .meta({ id: "OpenIncident" });
export type OpenIncident = z.output<typeof openIncidentSchema>;

const noteSchema = z.strictObject({ text: note }).meta({ id: "IncidentNote" });

const resolveSchema = z
  .strictObject({
    canary: z.int().min(1).max(MAX_CANARY).optional().meta({
      description:
        "In each flow, so many runs go first. Where another hold stands beside it, the hold is lifted without a canary.",
    }),
    ramp: rampSchema.optional(),
    note: note.optional(),
  })
  .meta({ id: "ResolveIncident" });
export type ResolveIncident = z.output<typeof resolveSchema>;

const incidents = tagged("Incidents");
const theIncident = { 200: { description: "The incident", schema: incidentSchema } } as const;

export const incidentOperations = operations({
  /** To open or resolve an incident with `all` also requires an administrator, which the handler checks. */
  openIncident: {
    summary: "Open an incident: hold many flows, or the states that call a resource, by one action",
    ...incidents("hold-flows"),
    body: openIncidentSchema,
    requestHeader: "Idempotency-Key",
    dryRunPermission: "read-flows",
    answers: {
      200: {
        description: "What the incident would hold: the answer of a dry run",
        schema: incidentPreviewSchema,
      },
      201: {
        description: "The incident. While `progress` is present, more holds are being placed",
        schema: incidentSchema,
        headers: ["Location"],
      },
    },
    errors: ["idempotency_key_reused"],
  },
  listIncidents: pages(
    incidents("read-flows"),
    "List incidents",
    "Incidents, newest first",
    page("IncidentPage", incidentSummarySchema),
  ),
  getIncident: reading(
    incidents("read-flows"),
    "Read an incident with its holds and its timeline",
    "The incident",
    incidentSchema,
  ),
  noteIncident: {
    summary: "Add a note to an incident",
    ...incidents("hold-flows"),
    body: noteSchema,
    answers: theIncident,
    errors: ["action_not_allowed"],
  },
  resolveIncident: {
    summary: "Resolve an incident: lift its holds on all flows",
    ...incidents("hold-flows"),
    body: resolveSchema,
    emptyBody: true,
    answers: theIncident,
    errors: ["action_not_allowed"],
  },
});
