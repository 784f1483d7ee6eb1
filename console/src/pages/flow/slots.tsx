import { Paper, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { slotsQuery } from "../../api/flows.ts";
import { DataTable } from "../../components/data-table.tsx";

/** The keys of a concurrency limit that have the most runs under way. */
export function FullestKeys({ workspace, flow }: { workspace: string; flow: Flow }) {
  const key = flow.caps.concurrency?.key;
  const { data } = useQuery({ ...slotsQuery(workspace, flow.flowId), enabled: key !== undefined });
  if (key === undefined || data === undefined || data.keys.length === 0) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label="Fullest keys">
      <Text fw={500} size="sm">
        {`The fullest values of ${key}, with at most ${data.limit} runs at once each`}
      </Text>
      <DataTable
        label="Fullest keys"
        minWidth={420}
        headings={["Value", "Runs at once", "Paused", "Waiting"]}
      >
        {data.keys.map(({ key: value, used, paused, waiting }) => (
          <Table.Tr key={value ?? ""}>
            <Table.Td className="any-break">{value ?? "no value"}</Table.Td>
            <Table.Td>{used}</Table.Td>
            <Table.Td>{paused}</Table.Td>
            <Table.Td>{waiting}</Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </Paper>
  );
}
