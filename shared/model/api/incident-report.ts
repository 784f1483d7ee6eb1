import type { Incident, TimelineEntry } from "../schemas/incident.ts";

type IncidentHold = Incident["holds"][number];

const STATES: Readonly<Record<IncidentHold["state"], string>> = {
  placing: "being held",
  held: "held",
  released: "taken out",
  refused: "not held yet",
  unmatched: "calls it no longer",
  canary: "a few runs go first",
  lifted: "lifted",
};

/** Says in words what became of an incident's hold on a flow. */
export const placementText = ({ state }: Pick<IncidentHold, "state">): string => STATES[state];

/** A time of so many seconds in its two largest units. */
export const lastedText = (seconds: number): string => {
  const units = [
    ["d", Math.floor(seconds / 86_400)],
    ["h", Math.floor(seconds / 3_600) % 24],
    ["min", Math.floor(seconds / 60) % 60],
    ["s", seconds % 60],
  ] as const;
  const first = units.findIndex(([, count]) => count > 0);
  if (first === -1) return "0 s";
  return units
    .slice(first, first + 2)
    .map(([unit, count]) => `${count} ${unit}`)
    .join(" ");
};

/** The report of an incident in Markdown, for a ticket or a postmortem. Times are in UTC. */
export const incidentReport = (incident: Incident): string => {
  const { title, status, by, openedAt, resumeAt, resolvedAt, resolvedBy, incidentId, holds, more, timeline } =
    incident;
  const lasted = timeline.find(({ event }) => event === "resolved")?.heldSeconds;
  return [
    `# Incident: ${plain(title)}`,
    "",
    `- Status: ${status}`,
    `- Holds: ${askedText(incident)}`,
    `- Opened: ${timeText(openedAt)} by ${plain(by)}`,
    resolvedAt === undefined
      ? `- Resolved by itself: ${timeText(resumeAt)} at the latest`
      : `- Resolved: ${timeText(resolvedAt)} by ${plain(resolvedBy ?? "system")}${lasted === undefined ? "" : `, after ${lastedText(lasted)}`}`,
    `- Id: ${incidentId}`,
    "",
    "## Flows",
    "",
    ...(holds.length === 0
      ? ["No flow was held."]
      : [
          row("Flow", "Holds", "State", "From", "Until", "Runs that stood"),
          row("---", "---", "---", "---", "---", "---"),
          ...holds.map(holdRow),
        ]),
    ...(more === undefined ? [] : ["", "The list is not complete: the incident holds more flows."]),
    "",
    "## Timeline",
    "",
    ...timeline.map((entry) => `- ${timeText(entry.at)}: ${entryText(entry)}`),
    "",
  ].join("\n");
};

const askedText = ({ all, flows = [], resources = [] }: Incident): string =>
  all === true
    ? "every flow of the workspace"
    : [
        ...(resources.length === 0 ? [] : [`the steps that call ${resources.map(plain).join(", ")}`]),
        ...(flows.length === 0 ? [] : [`the flows ${flows.map(plain).join(", ")}`]),
      ].join("; ");

const holdRow = (hold: IncidentHold): string => {
  const { flowId, steps, unheld, since, endedAt, stood, detail } = hold;
  const what = steps === undefined ? "the whole flow" : steps.map(plain).join(", ");
  const gaps = unheld === undefined ? "" : ` (without a gate: ${unheld.map(plain).join(", ")})`;
  const state = `${placementText(hold)}${detail === undefined ? "" : `: ${plain(detail)}`}`;
  const until = endedAt === undefined ? "" : timeText(endedAt);
  return row(plain(flowId), `${what}${gaps}`, state, timeText(since), until, String(stood ?? ""));
};

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const entryText = ({ event, by, text, flowId, steps, stood, heldSeconds }: TimelineEntry): string => {
  const who = by === undefined ? "" : ` by ${plain(by)}`;
  const said = text === undefined ? "" : `: ${plain(text)}`;
  const what = flowId === undefined ? "" : `${plain(flowId)} `;
  const states = steps === undefined || event !== "held" ? "" : ` (${steps.map(plain).join(", ")})`;
  const figures = [
    ...(heldSeconds === undefined ? [] : [`after ${lastedText(heldSeconds)}`]),
    ...(stood === undefined ? [] : [`${stood} ${stood === 1 ? "run" : "runs"} stood`]),
  ];
  return `${what}${event}${states}${who}${said}${figures.length === 0 ? "" : `, ${figures.join(", ")}`}`;
};

const timeText = (at: string): string => `${at.slice(0, 19).replace("T", " ")} UTC`;

/** The text on one line, with nothing in it that Markdown would read. */
const plain = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]<>|#~]/g, String.raw`\$&`);
