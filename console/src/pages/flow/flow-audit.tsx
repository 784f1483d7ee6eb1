import { Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { flowAuditQuery } from "../../api/flows.ts";
import { ShowMore } from "../../components/data-table.tsx";
import { AuditTable } from "../../components/run/audit-table.tsx";
import { Unloaded } from "../../components/states.tsx";

/** Every change of a flow, newest first: who published, paused, resumed and limited it, and why. */
export function FlowAudit({ workspace, flowId }: { workspace: string; flowId: string }) {
  const list = useInfiniteQuery(flowAuditQuery(workspace, flowId));
  if (list.data === undefined) return <Unloaded query={list} height={120} label="Loading the changes" />;
  return (
    <Stack>
      <AuditTable label="Audit trail" items={list.data.pages.flatMap((page) => page.items)} />
      <ShowMore list={list} />
    </Stack>
  );
}
