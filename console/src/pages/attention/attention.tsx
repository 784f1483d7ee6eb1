import { Switch, Text } from "@mantine/core";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { Empty } from "../../components/states.tsx";
import { attentionColumns } from "../runs/columns.tsx";
import { FilterBar } from "../runs/filter-bar.tsx";
import { RunsList } from "../runs/runs-list.tsx";
import { RowActions } from "./row-actions.tsx";
import { type AttentionSearch, attentionQuery, attentionSearch, attentionView } from "./search.ts";

const HERE = "/inside/$workspace/monitoring/attention";
const PAUSED_AND_FAILED = ["paused", "failed"] as const;
const WITH_WAITING = ["paused", "failed", "waiting"] as const;

/** Paused and failed runs in one list, each with the reason, its author and time, and the allowed actions. */
export function AttentionPage() {
  const { workspace } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate({ from: "/$workspace/monitoring/attention" });
  const show = (next: AttentionSearch) => navigate({ search: next });
  const { include, ...filter } = search;
  const statuses = include === undefined ? PAUSED_AND_FAILED : WITH_WAITING;
  return (
    <RunsList
      workspace={workspace}
      title="Paused and failed"
      label="Paused and failed runs"
      list="listAttention"
      query={useMemo(() => attentionQuery(search), [search])}
      view={attentionView(search)}
      onOpenView={(saved) => show(attentionSearch({ ...saved }))}
      bulkFilter={{ ...filter, status: filter.status ?? [...statuses] }}
      actions={["resume", "replay", "cancel", "delete"]}
      columns={useCallback(
        (refetch: () => void) =>
          attentionColumns(workspace, (run) => (
            <RowActions workspace={workspace} run={run} onChanged={refetch} />
          )),
        [workspace],
      )}
      filters={
        <>
          <Text size="sm" c="dimmed">
            It is normal to have many paused runs when flows wait for a long time. It is not by itself a sign
            of trouble.
          </Text>
          <FilterBar
            filter={filter}
            statuses={statuses}
            onChange={(next) => show({ ...next, ...(include && { include }) })}
          />
          <Switch
            label="Include runs that are waiting for a timer or a person"
            checked={include === "waiting"}
            onChange={(event) =>
              show({ ...filter, ...(event.currentTarget.checked ? { include: "waiting" } : {}) })
            }
          />
        </>
      }
      empty={<Empty title="No paused or failed runs">Runs that are paused or have failed appear here.</Empty>}
    />
  );
}
