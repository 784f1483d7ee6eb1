import { ActionIcon, Container, Group, Stack, Title, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { RowSelectionState } from "@tanstack/react-table";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { BulkAction } from "../../../../shared/model/bulk.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { useMay } from "../../api/people.ts";
import { runsListQuery } from "../../api/runs.ts";
import { BulkBar } from "../../bulk/bulk-bar.tsx";
import { Failure, Loading } from "../../components/states.tsx";
import type { RunColumn } from "./columns.tsx";
import { RunsTable } from "./runs-table.tsx";
import { ViewsMenu } from "./views-menu.tsx";

type Filter = Readonly<Record<string, unknown>>;

export interface RunsListProps {
  readonly workspace: string;
  readonly title: string;
  readonly label: string;
  /** Of the API: `/runs` or `/attention`. */
  readonly path: string;
  /** As the API's query takes it. One that stays the same must be the same object. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** The filter as a saved view keeps it, and what opens one. */
  readonly view: Filter;
  readonly onOpenView: (filter: Filter) => void;
  /** What an action for all that match is for. */
  readonly bulkFilter: Filter;
  readonly actions: readonly BulkAction[];
  readonly columns: (refetch: () => void) => RunColumn[];
  readonly filters: ReactNode;
  /** Between the actions and the table. */
  readonly notice?: (newest: Run, refetch: () => void) => ReactNode;
  readonly empty: ReactNode;
}

/** A page with runs in a table: views, filters, actions for many, and reading on as the end comes near. */
export function RunsList(props: RunsListProps) {
  const { workspace, path, query, columns, notice } = props;
  const list = useInfiniteQuery(runsListQuery(workspace, path, query));
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = list;
  const runs = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const shown = useMemo(() => columns(() => refetch()), [columns, refetch]);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const [selected, setSelected] = useState<{ query: typeof query; rows: RowSelectionState }>({
    query,
    rows: {},
  });
  // What was chosen under other filters is not chosen any more.
  const selection = selected.query === query ? selected.rows : NONE;
  const select = (rows: RowSelectionState) => setSelected({ query, rows });
  const maySelect = useMay("control-runs");
  const newest = runs?.[0];
  return (
    <Container size="xl" px={0}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={1} size="h3">
            {props.title}
          </Title>
          <Group gap="xs">
            <ViewsMenu workspace={workspace} filter={props.view} onOpen={props.onOpenView} />
            <Refresh isBusy={list.isRefetching} onClick={() => refetch()} />
          </Group>
        </Group>
        {props.filters}
        <BulkBar
          workspace={workspace}
          selected={Object.keys(selection)}
          filter={props.bulkFilter}
          actions={props.actions}
          onClear={() => select({})}
          onChanged={() => refetch()}
        />
        {newest !== undefined && notice?.(newest, () => refetch())}
        {list.isPending && <Loading height={320} label="Loading runs" />}
        {runs === undefined && list.isError && <Failure error={list.error} retry={() => refetch()} />}
        {runs?.length === 0 && !hasNextPage && props.empty}
        {runs !== undefined && (runs.length > 0 || hasNextPage) && (
          <RunsTable
            label={props.label}
            runs={runs}
            columns={shown}
            selection={selection}
            onSelect={select}
            selectable={maySelect}
            onEnd={onEnd}
          />
        )}
      </Stack>
    </Container>
  );
}

const NONE: RowSelectionState = {};

function Refresh({ isBusy, onClick }: { isBusy: boolean; onClick: () => void }) {
  return (
    <Tooltip label="Refresh">
      <ActionIcon variant="default" size="lg" aria-label="Refresh" loading={isBusy} onClick={onClick}>
        <IconRefresh size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
