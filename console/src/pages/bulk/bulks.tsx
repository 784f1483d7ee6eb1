import { Badge, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Bulk } from "../../../../shared/model/schemas/bulk.ts";
import { bulksQuery } from "../../api/bulk.ts";
import { VERBS } from "../../bulk/verbs.ts";
import { DataTable, ShowMore } from "../../components/data-table.tsx";
import { counted } from "../../components/format.ts";
import { PageLink } from "../../components/links.tsx";
import { Page } from "../../components/page.tsx";
import { Person } from "../../components/person.tsx";
import { Empty, RefreshButton, Unloaded } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";

const PROGRESS_MS = 5_000;

/** The operations on many runs of the last 30 days, newest first. */
export function BulksPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/monitoring/bulk-operations" });
  const list = useInfiniteQuery({
    ...bulksQuery(workspace),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some(({ status }) => status === "running")) === true
        ? PROGRESS_MS
        : 30_000,
  });
  const bulks = list.data?.pages.flatMap((page) => page.items);
  return (
    <Page size="xl" title="Bulk operations">
      <Text size="sm" c="dimmed">
        Actions on many runs at once, of the last 30 days. They go on in the background, whoever closes the
        page.
      </Text>
      <div>
        <RefreshButton busy={list.isRefetching} onClick={() => list.refetch()} />
      </div>
      {bulks === undefined && <Unloaded query={list} height={240} label="Loading bulk operations" />}
      {bulks?.length === 0 && (
        <Empty title="No bulk operations">Select runs in a list, and choose an action for all of them.</Empty>
      )}
      {bulks !== undefined && bulks.length > 0 && (
        <DataTable
          label="Bulk operations"
          minWidth={640}
          headings={["Operation", "Status", "Runs", "Started", "By", "Reason"]}
        >
          {bulks.map((bulk) => (
            <BulkRow key={bulk.bulkId} workspace={workspace} bulk={bulk} />
          ))}
        </DataTable>
      )}
      <ShowMore list={list} />
    </Page>
  );
}

function BulkRow({ workspace, bulk }: { workspace: string; bulk: Bulk }) {
  const { bulkId, action, matched, succeeded, skipped, failed } = bulk;
  return (
    <Table.Tr data-bulk={bulkId}>
      <Table.Td>
        <PageLink
          size="sm"
          to="/$workspace/monitoring/bulk-operations/$bulkId"
          params={{ workspace, bulkId }}
        >
          {`${VERBS[action]} ${counted(matched, "run")}`}
        </PageLink>
      </Table.Td>
      <Table.Td>
        <BulkStatusBadge status={bulk.status} />
      </Table.Td>
      <Table.Td>
        {`${succeeded.toLocaleString()} done`}
        {skipped > 0 && `, ${skipped.toLocaleString()} skipped`}
        {failed > 0 && `, ${failed.toLocaleString()} failed`}
      </Table.Td>
      <Table.Td>
        <Time at={bulk.createdAt} />
      </Table.Td>
      <Table.Td>
        <Person id={bulk.createdBy} />
      </Table.Td>
      <Table.Td>
        <Text size="sm" className="any-break">
          {bulk.reason}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

const COLORS = { running: "blue", completed: "green", stopped: "gray", failed: "red" } as const;

export const BulkStatusBadge = ({ status }: Pick<Bulk, "status">) => (
  <Badge variant="light" color={COLORS[status]} autoContrast>
    {status}
  </Badge>
);
