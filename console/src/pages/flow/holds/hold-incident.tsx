import { PageLink } from "../../../components/links.tsx";
import type { Hold } from "./hold-title.ts";

/** Leads to the incident that placed the hold; nothing for other holds. */
export function HoldIncident({ workspace, hold }: { workspace: string; hold: Hold }) {
  const { incidentId } = hold;
  if (incidentId === undefined) return null;
  return (
    <PageLink
      size="sm"
      underline="always"
      to="/$workspace/incidents/$incidentId"
      params={{ workspace, incidentId }}
    >
      Show the incident
    </PageLink>
  );
}
