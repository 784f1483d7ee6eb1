import * as z from "zod";
import { INCIDENT_STATUSES, INCIDENT_WORK, PLACEMENT_STATES, TIMELINE_EVENTS } from "../holds/incident.ts";
import { flowIdSchema, holdIdSchema } from "./flow.ts";
import { timestampSchema } from "./run.ts";

const steps = z.array(z.string()).optional().meta({
  description: "The only states that it holds. Absent: it holds the whole flow.",
});
const unheld = z.array(z.string()).optional().meta({
  description:
    "Those of `steps` that it cannot hold in some version: states without a gate, or with an older inline gate.",
});
const stood = z
  .int()
  .optional()
  .meta({ description: "How many runs stood at this hold when it was lifted." });

const incidentHoldSchema = z
  .object({
    flowId: flowIdSchema,
    holdId: holdIdSchema,
    steps,
    unheld,
    state: z.enum(PLACEMENT_STATES).meta({
      description:
        "`placing`; `held`; `released`: somebody resumed the flow, and this incident does not hold it again; `refused`: the flow could not be held, which is tried again; `unmatched`: no version with open runs calls the resources any more, and the flow is held again if one does; `canary`: a canary lifts it; `lifted`.",
    }),
    since: timestampSchema,
    endedAt: timestampSchema.optional(),
    endedBy: z.string().optional().meta({ description: "Who resumed the flow, or resolved the incident." }),
    stood,
    detail: z.string().optional().meta({ description: "Why the flow could not be held." }),
  })
  .meta({ id: "IncidentHold" });

export const incidentPreviewSchema = z
  .object({
    holds: z
      .array(z.object({ flowId: flowIdSchema, steps, unheld }))
      .meta({ description: "Each flow that it would hold, by id." }),
    more: z.literal(true).optional().meta({
      description: "There are more flows than could be looked at within the time of a request.",
    }),
  })
  .meta({ id: "IncidentPreview" });
export type IncidentPreview = z.infer<typeof incidentPreviewSchema>;

const timelineEntrySchema = z
  .object({
    at: timestampSchema,
    event: z.enum(TIMELINE_EVENTS),
    by: z.string().optional().meta({ description: "Who did it. Absent: see the flow's audit." }),
    text: z.string().optional(),
    flowId: flowIdSchema.optional(),
    holdId: holdIdSchema.optional(),
    steps,
    unheld,
    stood,
    heldSeconds: z.int().optional().meta({ description: "How long the hold, or the incident, lasted." }),
  })
  .meta({ id: "IncidentTimelineEntry" });
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

export const incidentSummarySchema = z
  .object({
    incidentId: z.string(),
    title: z.string(),
    status: z.enum(INCIDENT_STATUSES),
    mode: z.enum(["queue", "reject"]),
    flows: z.array(z.string()).optional(),
    resources: z.array(z.string()).optional(),
    all: z.literal(true).optional(),
    by: z.string(),
    openedAt: timestampSchema,
    resumeAt: timestampSchema.meta({ description: "When it is resolved by itself." }),
    resolvedAt: timestampSchema.optional(),
    resolvedBy: z.string().optional(),
    progress: z
      .object({
        work: z.enum(INCIDENT_WORK),
        done: z.int().meta({ description: "Flows that this work has visited." }),
      })
      .optional()
      .meta({
        description: "The work under way: placing the holds, lifting them, or checking that all are lifted.",
      }),
  })
  .meta({ id: "IncidentSummary" });
export type IncidentSummary = z.infer<typeof incidentSummarySchema>;

export const incidentSchema = incidentSummarySchema
  .extend({
    holds: z.array(incidentHoldSchema).meta({ description: "Each flow that it holds or has held, by id." }),
    more: z.literal(true).optional().meta({
      description: "There are more holds than one answer can contain: see the holds of the flows.",
    }),
    timeline: z.array(timelineEntrySchema).meta({ description: "What happened, oldest first." }),
  })
  .meta({ id: "Incident" });
export type Incident = z.infer<typeof incidentSchema>;
