import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";

/** A link to the page of a run. */
export function RunLink({ workspace, runId }: { workspace: string; runId: string }) {
  return (
    <Anchor
      size="sm"
      ff="monospace"
      className="one-line"
      renderRoot={(props) => (
        <Link to="/$workspace/monitoring/workflow-runs/$runId" params={{ workspace, runId }} {...props} />
      )}
    >
      {runId}
    </Anchor>
  );
}
