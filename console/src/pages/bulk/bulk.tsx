import { Paper, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Bulk } from "../../../../shared/model/schemas/bulk.ts";
import { bulkQuery, bulkResultPagesQuery } from "../../api/bulk.ts";
import { OperationProgress } from "../../bulk/bulk-progress.tsx";
import { VERBS } from "../../bulk/verbs.ts";
import { DataTable, ShowMore } from "../../components/data-table.tsx";
import { Fact, Facts } from "../../components/fact.tsx";
import { counted } from "../../components/format.ts";
import { PageLink, RunLink } from "../../components/links.tsx";
import { Page, PageHeader } from "../../components/page.tsx";
import { Person } from "../../components/person.tsx";
import { Unloaded } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { BulkStatusBadge } from "./bulks.tsx";

/** One operation on many runs: who started it and why, its progress, and the result for each run. */
export function BulkPage() {
  const { workspace, bulkId } = useParams({ from: "/inside/$workspace/monitoring/bulk-operations/$bulkId" });
  const bulk = useQuery(bulkQuery(workspace, bulkId));
  if (bulk.data === undefined) return <Unloaded query={bulk} height={160} label="Loading the operation" />;
  const { action, status, matched } = bulk.data;
  const name = `${VERBS[action]} ${counted(matched, "run")}`;
  return (
    <Page size="xl" tab={name}>
      <PageHeader
        above={
          <PageLink size="sm" to="/$workspace/monitoring/bulk-operations" params={{ workspace }}>
            Bulk operations
          </PageLink>
        }
        name={name}
        beside={<BulkStatusBadge status={status} />}
        actions={null}
      />
      <BulkFacts bulk={bulk.data} />
      <Paper withBorder p="md">
        <OperationProgress workspace={workspace} bulkId={bulkId} action={action} />
      </Paper>
      <Results workspace={workspace} bulk={bulk.data} />
    </Page>
  );
}

function BulkFacts({ bulk }: { bulk: Bulk }) {
  const chosen = Object.entries(bulk.filter ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return (
    <Facts columns={4}>
      <Fact name="Runs chosen">
        {bulk.runIds === undefined
          ? ["All", ...(chosen.length === 0 ? [] : ["with", chosen.join(", ")])].join(" ")
          : `${counted(bulk.runIds, "run")} by name`}
      </Fact>
      <Fact name="Started">
        <Time at={bulk.createdAt} />
      </Fact>
      <Fact name="By">
        <Person id={bulk.createdBy} />
      </Fact>
      <Fact name="Ended">
        <Time at={bulk.endedAt} />
      </Fact>
      <Fact name="At most">{bulk.rate} runs a second</Fact>
      {bulk.at !== undefined && <Fact name="Continue at">{bulk.at}</Fact>}
      {bulk.version !== undefined && <Fact name="On version">{bulk.version}</Fact>}
      {bulk.from !== undefined && <Fact name="Replay from">{bulk.from}</Fact>}
      {bulk.giveUp === true && <Fact name="Effect">The runs end as failed</Fact>}
      {bulk.reason !== undefined && <Fact name="Reason">{bulk.reason}</Fact>}
    </Facts>
  );
}

function Results({ workspace, bulk }: { workspace: string; bulk: Bulk }) {
  const list = useInfiniteQuery(bulkResultPagesQuery(workspace, bulk));
  const results = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (results.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        Results
      </Title>
      <DataTable label="Results" minWidth={560} headings={["Run", "Result", "Why", "New run"]}>
        {results.map(({ runId, outcome, code, detail, newRunId }) => (
          <Table.Tr key={runId}>
            <Table.Td>
              <RunLink workspace={workspace} runId={runId} />
            </Table.Td>
            <Table.Td>{outcome}</Table.Td>
            <Table.Td>
              <Text size="sm" className="any-break">
                {detail ?? code}
              </Text>
            </Table.Td>
            <Table.Td>
              {newRunId !== undefined && <RunLink workspace={workspace} runId={newRunId} />}
            </Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
      <ShowMore list={list} />
    </Stack>
  );
}
