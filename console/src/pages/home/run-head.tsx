import type { Run } from "../../../../shared/model/schemas/run.ts";
import { PageLink } from "../../components/links.tsx";
import { StatusBadge } from "../../components/status.tsx";

/** A run in a row, named by its flow and the values that people know it by. Without such values, by its id. */
export function RunHead({ workspace, run }: { workspace: string; run: Run }) {
  const values = Object.values(run.attributes ?? {});
  return (
    <>
      <StatusBadge run={run} size="sm" />
      <PageLink
        size="sm"
        fw={500}
        className="any-break"
        to="/$workspace/monitoring/workflow-runs/$runId"
        params={{ workspace, runId: run.runId }}
      >
        {[run.flowId, ...(values.length === 0 ? [run.runId] : values)].join(" · ")}
      </PageLink>
    </>
  );
}
