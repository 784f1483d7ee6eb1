import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { AuditItem } from "../../../../shared/model/schemas/run.ts";
import { runAuditQuery } from "../../api/runs.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Person } from "../../components/person.tsx";
import { Unloaded } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";

/** Every status change: when, by whom, which action, and why. */
export function AuditTrail({ workspace, runId }: { workspace: string; runId: string }) {
  const audit = useQuery(runAuditQuery(workspace, runId));
  if (audit.data === undefined)
    return <Unloaded query={audit} height={120} label="Loading the audit trail" />;
  return (
    <DataTable label="Audit trail" minWidth={560} headings={["Time", "Actor", "Action", "Status", "Reason"]}>
      {audit.data.map((item) => (
        <Table.Tr key={item.rev}>
          <Table.Td>
            <Time at={item.at} />
          </Table.Td>
          <Table.Td>
            {item.actor.kind === "user" ? (
              <Person id={item.actor.id} />
            ) : (
              `${item.actor.kind} ${item.actor.id}`
            )}
          </Table.Td>
          <Table.Td>
            {item.action}
            {item.moved !== undefined && (
              <Text size="xs" c="dimmed">
                {movedText(item.moved)}
              </Text>
            )}
          </Table.Td>
          <Table.Td>{item.from === undefined ? item.to : `${item.from} → ${item.to}`}</Table.Td>
          <Table.Td>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {item.reason}
            </Text>
          </Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  );
}

/** Where a resume sent the run; an empty name is the end of the flow. */
const movedText = ({ from, at, version }: NonNullable<AuditItem["moved"]>): string =>
  `from ${placeText(from)} to ${placeText(at)} of version ${version}`;

const placeText = (state: string): string => (state === "" ? "the end" : `“${state}”`);
