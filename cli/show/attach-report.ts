import type { Attached } from "../../shared/model/api/responses.ts";
import { type Paint, visible } from "../terminal/style.ts";
import { fields, table } from "../terminal/table.ts";

interface Finding {
  readonly kind: string;
  readonly where: string;
  readonly what: string;
}

const findingsOf = ({ unsupported, warnings, missingGrants }: Attached["report"]): Finding[] => [
  ...unsupported.map(({ path, message }) => ({ kind: "unsupported", where: path, what: message })),
  ...missingGrants.map(({ action, resource }) => ({
    ...{ kind: "missing grant", where: action },
    what: `Grant it to ${action.startsWith("kms:") ? "Sluice's function sluice-attach" : "the state machine's role"} on ${resource}`,
  })),
  ...warnings.map((message) => ({ kind: "warning", where: "", what: message })),
];

/** Describes what attaching a state machine changes, or has changed. */
export const attachReportText = (
  { flow, version, report }: Attached,
  paint: Paint,
  applied: boolean,
): string => {
  const { before, after } = report.transitionsPerRun;
  const findings = findingsOf(report);
  const summary = fields([
    [
      "attached",
      applied ? `${flow?.flowId} version ${version}` : "no, this is only a report; add --apply to attach",
    ],
    ["state transitions", `${before} per run today, ${after} with gates`],
    ["versions", report.versions.length === 0 ? undefined : `${report.versions.length}`],
    ["aliases", report.aliases.length === 0 ? undefined : report.aliases.join(", ")],
  ]);
  if (findings.length === 0) return summary;
  const isSevere = ({ kind }: Finding): boolean => kind !== "warning";
  const listed = table(findings, [
    {
      title: "FINDING",
      cell: ({ kind }) => kind,
      paint: (text, finding) => paint(isSevere(finding) ? "red" : "yellow", text),
    },
    { title: "WHERE", cell: ({ where }) => visible(where) },
    { title: "WHAT", cell: ({ what }) => visible(what) },
  ]);
  return `${summary}\n\n${listed}`;
};
