import { lastedText, placementText } from "../../shared/model/api/incident-report.ts";
import type { Incident, IncidentPreview, IncidentSummary } from "../../shared/model/schemas/incident.ts";
import { visible } from "../terminal/style.ts";
import { type Column, fields, table } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";

const what = ({ all, flows = [], resources = [] }: IncidentSummary): string =>
  all === true ? "every flow" : [...resources, ...flows].map(visible).join(", ");

export const incidentColumns: Column<IncidentSummary>[] = [
  { title: "INCIDENT", cell: ({ incidentId }) => incidentId },
  { title: "STATUS", cell: ({ status }) => status },
  { title: "OPENED", cell: ({ openedAt }) => localTime(openedAt) },
  { title: "BY", cell: ({ by }) => by },
  { title: "HOLDS", cell: what },
  { title: "TITLE", cell: ({ title }) => title },
];

const WHAT: Column<IncidentPreview["holds"][number]>[] = [
  { title: "FLOW", cell: ({ flowId }) => flowId },
  { title: "STEPS", cell: ({ steps }) => steps?.join(", ") ?? "the whole flow" },
  { title: "NO GATE", cell: ({ unheld }) => unheld?.join(", ") ?? "" },
];

const HOLDS: Column<Incident["holds"][number]>[] = [
  ...WHAT,
  { title: "STATE", cell: placementText },
  { title: "STOOD", cell: ({ stood }) => (stood === undefined ? "" : String(stood)) },
  { title: "WHY", cell: ({ detail }) => detail ?? "" },
];

const TIMELINE: Column<Incident["timeline"][number]>[] = [
  { title: "TIME", cell: ({ at }) => localTime(at) },
  { title: "EVENT", cell: ({ event }) => event },
  { title: "BY", cell: ({ by }) => by ?? "" },
  { title: "FLOW", cell: ({ flowId }) => flowId ?? "" },
  { title: "AFTER", cell: ({ heldSeconds }) => (heldSeconds === undefined ? "" : lastedText(heldSeconds)) },
  { title: "TEXT", cell: ({ text }) => text ?? "" },
];

/** The flows and steps that an incident would hold. */
export const previewText = ({ holds, more }: IncidentPreview): string =>
  [
    holds.length === 0 ? "It would hold no flow." : table(holds, WHAT),
    ...(more === true ? ["There are more flows than could be looked at in time."] : []),
  ].join("\n\n");

/** The incident, the flows that it holds, and its timeline. */
export const incidentText = (incident: Incident): string => {
  const { incidentId, title, status, by, openedAt, resumeAt, resolvedAt, resolvedBy, holds, more, timeline } =
    incident;
  const parts = [
    fields([
      ["incident", incidentId],
      ["title", visible(title)],
      ["status", status],
      ["holds", what(incident)],
      ["opened", `${localTime(openedAt)} by ${visible(by)}`],
      ["ends", resolvedAt === undefined ? localTime(resumeAt) : undefined],
      ["resolved", resolvedAt && `${localTime(resolvedAt)} by ${visible(resolvedBy ?? "")}`],
      ["under way", incident.progress && `${incident.progress.work}, ${incident.progress.done} flows so far`],
    ]),
    holds.length === 0 ? "No flow is held." : table(holds, HOLDS),
    ...(more === true ? ["There are more: see the holds of the flows."] : []),
    table(timeline, TIMELINE),
  ];
  return parts.join("\n\n");
};
