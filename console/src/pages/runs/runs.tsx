import { Anchor, Button, Container, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { Run } from "../../../../shared/model/run.ts";
import { runsListQuery } from "../../api/runs.ts";
import { Duration } from "../../components/duration.tsx";
import { Empty, Failure } from "../../components/states.tsx";
import { StatusBadge } from "../../components/status.tsx";
import { Time } from "../../components/time.tsx";
import { runsQuery } from "./search.ts";

export function RunsPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/monitoring/workflow-runs" });
  const search = useSearch({ from: "/inside/$workspace/monitoring/workflow-runs" });
  const list = useInfiniteQuery(runsListQuery(workspace, "/runs", runsQuery(search)));
  const runs = list.data?.pages.flatMap((page) => page.items);
  return (
    <Container size="xl" px={0}>
      <Stack>
        <Title order={1} size="h3">
          Runs
        </Title>
        {list.isPending && <Skeleton height={240} aria-label="Loading runs" />}
        {list.isError && runs === undefined && <Failure error={list.error} retry={() => list.refetch()} />}
        {runs?.length === 0 && (
          <Empty title="No runs">A run starts for each record that a flow is sent.</Empty>
        )}
        {runs !== undefined && runs.length > 0 && <RunsTable workspace={workspace} runs={runs} />}
        {list.hasNextPage && (
          <Group justify="center">
            <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
              Show more
            </Button>
          </Group>
        )}
      </Stack>
    </Container>
  );
}

function RunsTable({ workspace, runs }: { workspace: string; runs: readonly Run[] }) {
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table highlightOnHover aria-label="Runs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Status</Table.Th>
            <Table.Th>Run ID</Table.Th>
            <Table.Th>Flow</Table.Th>
            <Table.Th>Started by</Table.Th>
            <Table.Th>Started</Table.Th>
            <Table.Th>Duration</Table.Th>
            <Table.Th>Current step</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Table.Tr key={run.runId}>
              <Table.Td>
                <StatusBadge status={run.status} />
              </Table.Td>
              <Table.Td>
                <Anchor
                  size="sm"
                  ff="monospace"
                  renderRoot={(props) => (
                    <Link
                      to="/$workspace/monitoring/workflow-runs/$runId"
                      params={{ workspace, runId: run.runId }}
                      {...props}
                    />
                  )}
                >
                  {run.runId}
                </Anchor>
              </Table.Td>
              <Table.Td>{run.flowId}</Table.Td>
              <Table.Td>{run.startedBy}</Table.Td>
              <Table.Td>
                <Time at={run.startedAt} />
              </Table.Td>
              <Table.Td>
                <Duration from={run.startedAt} to={run.endedAt} />
              </Table.Td>
              <Table.Td>
                <Text size="sm">{run.currentStep ?? "–"}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
