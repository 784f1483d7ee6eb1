import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { api } from "../../api/client.ts";
import type { RunsQuery } from "../../api/runs.ts";
import { counted } from "../../components/format.ts";
import { Empty } from "../../components/states.tsx";
import { runColumns } from "./columns.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { RunsList } from "./runs-list.tsx";
import { type RunsSearch, runsQuery, runsSearch } from "./search.ts";

const HERE = "/inside/$workspace/monitoring/workflow-runs";

/** All runs, newest first. */
export function RunsPage() {
  const { workspace } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate({ from: "/$workspace/monitoring/workflow-runs" });
  const show = (next: RunsSearch) => navigate({ search: next });
  const query = useMemo(() => runsQuery(search), [search]);
  return (
    <RunsList
      workspace={workspace}
      title="Runs"
      label="Runs"
      list="listRuns"
      query={query}
      view={{ ...search }}
      onOpenView={(filter) => show(runsSearch({ ...filter }))}
      bulkFilter={{ ...search }}
      actions={["pause", "resume", "cancel", "replay", "delete"]}
      columns={useCallback(() => runColumns(workspace), [workspace])}
      filters={<FilterBar filter={search} onChange={show} />}
      notice={(newest, refetch) => (
        <NewRows workspace={workspace} filter={query} newest={newest} onShow={refetch} />
      )}
      empty={
        Object.keys(search).length > 0 ? (
          <Empty title="No matching runs">Remove a filter to see more runs.</Empty>
        ) : (
          <Empty title="No runs yet">Each record sent to a flow starts a run.</Empty>
        )
      }
    />
  );
}

const POLL_MS = 10_000;
/** Counting stops at this number. */
const MAX_COUNT = 50;

/** Announces new runs instead of moving the rows under the pointer. */
export function NewRows(props: { workspace: string; filter: RunsQuery; newest: Run; onShow: () => void }) {
  const { workspace, filter, newest, onShow } = props;
  const { data } = useQuery({
    queryKey: [workspace, "new-runs", filter, newest.runId],
    queryFn: ({ signal }) =>
      api.listRuns({
        workspace,
        query: { ...filter, createdAfter: newest.createdAt, limit: MAX_COUNT },
        signal,
      }),
    refetchInterval: POLL_MS,
    initialData: { items: [] },
    initialDataUpdatedAt: Date.now(),
    staleTime: POLL_MS,
  });
  const count = data.items.filter(({ runId }) => runId !== newest.runId).length;
  return (
    <Group justify="center" h={30} role="status">
      {count > 0 && (
        <Button size="xs" variant="light" onClick={onShow}>
          {count >= MAX_COUNT ? `${MAX_COUNT} or more new runs` : counted(count, "new run")}
        </Button>
      )}
    </Group>
  );
}
