import { ActionIcon, Container, Group, Stack, Title, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { RowSelectionState } from "@tanstack/react-table";
import { useCallback, useMemo, useState } from "react";
import { useMay } from "../../api/people.ts";
import { runsListQuery } from "../../api/runs.ts";
import { BulkBar } from "../../bulk/bulk-bar.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { runColumns } from "./columns.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { NewRows } from "./new-rows.tsx";
import { RunsTable } from "./runs-table.tsx";
import { bulkFilter, type RunsSearch, runsQuery, runsSearch } from "./search.ts";
import { ViewsMenu } from "./views-menu.tsx";

const HERE = "/inside/$workspace/monitoring/workflow-runs";

export function RunsPage() {
  const { workspace } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate({ from: "/$workspace/monitoring/workflow-runs" });
  const [selection, setSelection] = useState<RowSelectionState>({});
  const query = useMemo(() => runsQuery(search), [search]);
  const list = useInfiniteQuery(runsListQuery(workspace, "/runs", query));
  const runs = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const columns = useMemo(() => runColumns(workspace), [workspace]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const show = (next: RunsSearch) => {
    setSelection({});
    navigate({ search: next });
  };
  const maySelect = useMay("control-runs");
  const newest = runs?.[0];
  return (
    <Container size="xl" px={0}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={1} size="h3">
            Runs
          </Title>
          <Group gap="xs">
            <ViewsMenu
              workspace={workspace}
              filter={bulkFilter(search)}
              onOpen={(filter) => show(runsSearch({ ...filter }))}
            />
            <Tooltip label="Refresh">
              <ActionIcon
                variant="default"
                size="lg"
                aria-label="Refresh"
                loading={list.isRefetching}
                onClick={() => refetch()}
              >
                <IconRefresh size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Group>
        </Group>
        <FilterBar filter={search} onChange={show} />
        <BulkBar
          workspace={workspace}
          selected={Object.keys(selection)}
          filter={bulkFilter(search)}
          actions={["pause", "resume", "cancel", "replay", "delete"]}
          onClear={() => setSelection({})}
          onChanged={() => refetch()}
        />
        {newest !== undefined && (
          <NewRows workspace={workspace} filter={query} newest={newest} onShow={() => refetch()} />
        )}
        {list.isPending && <Loading height={320} label="Loading runs" />}
        {runs === undefined && list.isError && <Failure error={list.error} retry={() => refetch()} />}
        {runs?.length === 0 && !hasNextPage && <NoRuns isFiltered={Object.keys(search).length > 0} />}
        {runs !== undefined && (runs.length > 0 || hasNextPage) && (
          <RunsTable
            label="Runs"
            runs={runs}
            columns={columns}
            selection={selection}
            onSelect={setSelection}
            selectable={maySelect}
            onEnd={onEnd}
          />
        )}
      </Stack>
    </Container>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <Empty title="No run matches">Take a filter away to see more.</Empty>
  ) : (
    <Empty title="No runs yet">A run starts for each record that a flow is sent.</Empty>
  );
}
