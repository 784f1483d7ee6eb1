import { ActionIcon, Container, Group, Stack, Switch, Text, Title, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { RowSelectionState } from "@tanstack/react-table";
import { useCallback, useMemo, useState } from "react";
import { useMay } from "../../api/people.ts";
import { runsListQuery } from "../../api/runs.ts";
import { BulkBar } from "../../bulk/bulk-bar.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { attentionColumns } from "../runs/columns.tsx";
import { FilterBar } from "../runs/filter-bar.tsx";
import { RunsTable } from "../runs/runs-table.tsx";
import { runsQuery } from "../runs/search.ts";
import { ViewsMenu } from "../runs/views-menu.tsx";
import { RowActions } from "./row-actions.tsx";
import { type AttentionSearch, attentionSearch } from "./search.ts";

const HERE = "/inside/$workspace/monitoring/attention";

/** Paused and failed runs in one list: who, since when, why, and what may be done. */
export function AttentionPage() {
  const { workspace } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate({ from: "/$workspace/monitoring/attention" });
  const [selection, setSelection] = useState<RowSelectionState>({});
  const { include, ...filter } = search;
  const query = useMemo(() => {
    const { include, ...filter } = search;
    return { ...runsQuery(filter), ...(include === undefined ? {} : { include }) };
  }, [search]);
  const list = useInfiniteQuery(runsListQuery(workspace, "/attention", query));
  const runs = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = list;
  const columns = useMemo(
    () =>
      attentionColumns(workspace, (run) => (
        <RowActions workspace={workspace} run={run} onChanged={() => refetch()} />
      )),
    [workspace, refetch],
  );
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const show = (next: AttentionSearch) => {
    setSelection({});
    navigate({ search: next });
  };
  const maySelect = useMay("control-runs");
  const statuses = include === undefined ? PAUSED_AND_FAILED : WITH_WAITING;
  return (
    <Container size="xl" px={0}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={1} size="h3">
            Paused and failed
          </Title>
          <Group gap="xs">
            <ViewsMenu
              workspace={workspace}
              filter={{ ...search }}
              onOpen={(saved) => show(attentionSearch({ ...saved }))}
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
        <Text size="sm" c="dimmed">
          Many paused runs are normal where flows wait for long; by themselves they are no sign of trouble.
        </Text>
        <FilterBar
          filter={filter}
          statuses={statuses}
          onChange={(next) => show({ ...next, ...(include && { include }) })}
        />
        <Switch
          label="Also those that wait for a timer or a person"
          checked={include === "waiting"}
          onChange={(event) =>
            show({ ...filter, ...(event.currentTarget.checked ? { include: "waiting" } : {}) })
          }
        />
        <BulkBar
          workspace={workspace}
          selected={Object.keys(selection)}
          filter={{ ...filter, status: filter.status ?? statuses }}
          actions={["resume", "replay", "cancel", "delete"]}
          onClear={() => setSelection({})}
          onChanged={() => refetch()}
        />
        {list.isPending && <Loading height={320} label="Loading runs" />}
        {runs === undefined && list.isError && <Failure error={list.error} retry={() => refetch()} />}
        {runs?.length === 0 && !hasNextPage && (
          <Empty title="Nothing paused, nothing failed">Runs that stand still or went wrong show here.</Empty>
        )}
        {runs !== undefined && (runs.length > 0 || hasNextPage) && (
          <RunsTable
            label="Paused and failed runs"
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

const PAUSED_AND_FAILED = ["paused", "failed"] as const;
const WITH_WAITING = ["paused", "failed", "waiting"] as const;
