import { useQuery } from "@tanstack/react-query";
import { runAuditQuery } from "../../api/steps.ts";
import { AuditTable } from "../../components/run/audit-table.tsx";
import { Unloaded } from "../../components/states.tsx";

/** Every status change of a run. */
export function AuditTrail({ workspace, runId }: { workspace: string; runId: string }) {
  const audit = useQuery(runAuditQuery(workspace, runId));
  if (audit.data === undefined)
    return <Unloaded query={audit} height={120} label="Loading the audit trail" />;
  return <AuditTable label="Audit trail" items={audit.data} />;
}
