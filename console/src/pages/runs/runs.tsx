import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
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
