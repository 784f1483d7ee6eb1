import { PageLink } from "./page-link.tsx";

/** A link to the page of a run. */
export function RunLink({ workspace, runId }: { workspace: string; runId: string }) {
  return (
    <PageLink
      size="sm"
      ff="monospace"
      className="one-line"
      to="/$workspace/monitoring/workflow-runs/$runId"
      params={{ workspace, runId }}
    >
      {runId}
    </PageLink>
  );
}
