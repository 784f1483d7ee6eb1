import { Skeleton, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { runAuditQuery } from "../../api/runs.ts";
import { Failure } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";

/** Who did what, when, from which to which status, and why. */
export function AuditTrail({ workspace, runId }: { workspace: string; runId: string }) {
  const audit = useQuery(runAuditQuery(workspace, runId));
  if (audit.isPending) return <Skeleton height={120} />;
  if (audit.data === undefined) return <Failure error={audit.error} retry={() => audit.refetch()} />;
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label="Audit trail">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th>Why</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {audit.data.map((item) => (
            <Table.Tr key={item.rev}>
              <Table.Td>
                <Time at={item.at} />
              </Table.Td>
              <Table.Td>
                {item.actor.kind === "user" ? item.actor.id : `${item.actor.kind} ${item.actor.id}`}
              </Table.Td>
              <Table.Td>{item.action}</Table.Td>
              <Table.Td>{item.from === undefined ? item.to : `${item.from} → ${item.to}`}</Table.Td>
              <Table.Td>
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  {item.reason}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
