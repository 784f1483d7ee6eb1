import { Group, SegmentedControl, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { failuresQuery } from "../../api/failures.ts";
import { useBulkDialog } from "../../bulk/use-bulk-dialog.tsx";
import { HelpLink } from "../../components/links.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, RefreshButton, Unloaded } from "../../components/states.tsx";
import { FailuresTable } from "./failures-table.tsx";
import { AGES, type Age, type FailuresSearch } from "./search.ts";

const HERE = "/inside/$workspace/monitoring/failures";
const ALL = "all";
const SINCE = [
  { value: "P1D", label: "Last day" },
  { value: "P7D", label: "7 days" },
  { value: "P30D", label: "30 days" },
  { value: ALL, label: "All" },
] as const satisfies readonly { value: Age | typeof ALL; label: string }[];
const TYPING_MS = 350;

/** Failed runs, and those that an error paused, grouped by cause, with one action for all of a group. */
export function FailuresPage() {
  const { workspace } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate({ from: "/$workspace/monitoring/failures" });
  const { flowId, since } = search;
  const failures = useQuery(
    failuresQuery(workspace, { flowId, age: since === undefined ? undefined : AGES[since] }),
  );
  const bulk = useBulkDialog(workspace, () => failures.refetch());
  return (
    <Page size="xl" title="Failures">
      <Text size="sm" c="dimmed">
        Many failures usually have few causes. A group contains the failed runs, and those that an error
        paused, with the same flow, step, error and message.
      </Text>
      <div>
        <HelpLink document="failures">What belongs together</HelpLink>
      </div>
      <Filters search={search} onChange={(next) => navigate({ search: next })}>
        <RefreshButton busy={failures.isRefetching} onClick={() => failures.refetch()} />
      </Filters>
      {failures.data === undefined && <Unloaded query={failures} height={240} label="Loading failures" />}
      {failures.data?.length === 0 && (
        <Empty title="No failures">Runs that fail appear here, grouped by cause.</Empty>
      )}
      {failures.data !== undefined && failures.data.length > 0 && (
        <FailuresTable workspace={workspace} groups={failures.data} onMend={bulk.open} />
      )}
      {bulk.dialog}
    </Page>
  );
}

function Filters(props: {
  search: FailuresSearch;
  onChange: (search: FailuresSearch) => void;
  children: ReactNode;
}) {
  const { search, onChange, children } = props;
  const { flowId, since } = search;
  const withFlow = useDebouncedCallback((typed: string) => {
    const { flowId: _before, ...others } = search;
    onChange(typed === "" ? others : { ...others, flowId: typed });
  }, TYPING_MS);
  const withSince = (chosen: string) => {
    const { since: _before, ...others } = search;
    onChange(chosen === ALL ? others : { ...others, since: chosen as Age });
  };
  return (
    <Group align="flex-end" gap="sm">
      <TextInput
        label="Flow ID"
        defaultValue={flowId ?? ""}
        onChange={(event) => withFlow(event.currentTarget.value.trim())}
      />
      <SegmentedControl
        aria-label="Failed since"
        value={since ?? ALL}
        onChange={withSince}
        data={[...SINCE]}
      />
      {children}
    </Group>
  );
}
