import { Button, Group, Stack } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { RowSelectionState } from "@tanstack/react-table";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import type { BulkAction } from "../../../../shared/model/bulk.ts";
import { MAX_NEWER_RUNS } from "../../../../shared/model/limits.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import type { RunFilter, ViewFilter } from "../../../../shared/model/schemas/run-filter.ts";
import { useMay } from "../../api/people.ts";
import { useRunChanges } from "../../api/run-changes.ts";
import { type RunsListName, type RunsQuery, runsListQuery } from "../../api/runs.ts";
import { BulkBar } from "../../bulk/bulk-bar.tsx";
import { counted } from "../../components/format.ts";
import { Page } from "../../components/page.tsx";
import { Failure, Loading, RefreshButton } from "../../components/states.tsx";
import type { RunColumn } from "./columns.tsx";
import { RunsTable } from "./runs-table.tsx";
import { ViewsMenu } from "./views-menu.tsx";

export interface RunsListProps {
  readonly workspace: string;
  readonly title: string;
  readonly label: string;
  readonly list: RunsListName;
  /** The filter as query parameters of the API. It must be the same object as long as it is unchanged. */
  readonly query: RunsQuery;
  /** The filter as a saved view stores it. */
  readonly view: ViewFilter;
  readonly onOpenView: (filter: ViewFilter) => void;
  /** The filter of actions for all matching runs. */
  readonly bulkFilter: RunFilter;
  readonly actions: readonly BulkAction[];
  readonly columns: (refetch: () => void) => RunColumn[];
  readonly filters: ReactNode;
  readonly empty: ReactNode;
}

/** A page with a table of runs: views, filters and bulk actions. More rows are loaded near the end. */
export function RunsList(props: RunsListProps) {
  const { workspace, query, columns } = props;
  const list = useInfiniteQuery(runsListQuery(workspace, props.list, query));
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
  // A change of the filter clears the selection.
  const selection = selected.query === query ? selected.rows : NONE;
  const select = (rows: RowSelectionState) => setSelected({ query, rows });
  const chosen = useMemo(() => (runs ?? NO_RUNS).filter(({ runId }) => selection[runId]), [runs, selection]);
  const maySelect = useMay("control-runs");
  const onScreen = useRef<readonly Run[]>([]);
  const changes = useRunChanges(workspace, { list: props.list, query, shown: onScreen, newest: runs?.[0] });
  return (
    <Page
      size="xl"
      title={props.title}
      actions={
        <Group gap="xs">
          <ViewsMenu workspace={workspace} filter={props.view} onOpen={props.onOpenView} />
          <RefreshButton busy={list.isRefetching} onClick={() => refetch()} />
        </Group>
      }
    >
      <Stack gap="sm">
        {props.filters}
        <BulkBar
          workspace={workspace}
          selected={chosen}
          filter={props.bulkFilter}
          actions={props.actions}
          onClear={() => select({})}
          onChanged={() => refetch()}
        />
        {runs !== undefined && <NewRows count={changes.newer} onShow={() => refetch()} />}
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
            onScreen={onScreen}
            gone={changes.gone}
          />
        )}
      </Stack>
    </Page>
  );
}

const NONE: RowSelectionState = {};
const NO_RUNS: readonly Run[] = [];

/** Announces new runs instead of moving the rows under the pointer. */
function NewRows({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <Group justify="center" h={30} role="status">
      {count > 0 && (
        <Button size="xs" variant="light" onClick={onShow}>
          {count >= MAX_NEWER_RUNS ? `${MAX_NEWER_RUNS} or more new runs` : counted(count, "new run")}
        </Button>
      )}
    </Group>
  );
}
