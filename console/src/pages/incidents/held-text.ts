import type { IncidentSummary } from "../../../../shared/model/schemas/incident.ts";

const SHOWN = 3;

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(", ")
    : `${names.slice(0, SHOWN).join(", ")} and ${names.length - SHOWN} more`;

/** Says what an incident was asked to hold. */
export const heldText = ({
  all,
  flows = [],
  resources = [],
}: Pick<IncidentSummary, "all" | "flows" | "resources">): string => {
  if (all === true) return "Every flow";
  const parts = [
    ...(resources.length === 0 ? [] : [`Calls to ${listed(resources)}`]),
    ...(flows.length === 0 ? [] : [`${flows.length === 1 ? "Flow" : "Flows"} ${listed(flows)}`]),
  ];
  return parts.join("; ");
};
