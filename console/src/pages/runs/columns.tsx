import { Text } from "@mantine/core";
import { type ColumnDef, rowSelectionFeature, tableFeatures } from "@tanstack/react-table";
import type { ReactNode } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { starterName } from "../../../../shared/model/started-by.ts";
import { FlowLink, RunLink } from "../../components/links.tsx";
import { Person } from "../../components/person.tsx";
import { isHalted, StatusBadge } from "../../components/status.tsx";
import { Duration, Time } from "../../components/time.tsx";
import { Pauser, Reason } from "./reason.tsx";
import { sinceOf } from "./why.ts";

export const FEATURES = tableFeatures({ rowSelectionFeature });
export type RunColumn = ColumnDef<typeof FEATURES, Run>;

const status: RunColumn = {
  id: "status",
  header: "Status",
  cell: ({ row }) => <StatusBadge run={row.original} />,
};
const runId = (workspace: string): RunColumn => ({
  id: "runId",
  header: "Run ID",
  cell: ({ row }) => <RunLink workspace={workspace} runId={row.original.runId} />,
});
const flow = (workspace: string): RunColumn => ({
  id: "flow",
  header: "Flow",
  cell: ({ row }) => <FlowLink workspace={workspace} flowId={row.original.flowId} />,
});

/** The newest step, or the error that paused the run and since when. */
function CurrentStep({ run }: { run: Run }) {
  if (!isHalted(run))
    return (
      <Text size="sm" truncate>
        {run.currentStep ?? (run.queued ? "queued" : "–")}
      </Text>
    );
  return (
    <>
      <Text size="sm" className="any-break" lineClamp={2}>
        <Pauser run={run} />
      </Text>
      <Text size="xs" c="dimmed">
        <Time at={sinceOf(run)} />
      </Text>
    </>
  );
}

export const runColumns = (workspace: string): RunColumn[] => [
  status,
  runId(workspace),
  flow(workspace),
  { id: "startedBy", header: "Started by", cell: ({ row }) => <Person id={starterName(row.original)} /> },
  { id: "started", header: "Started", cell: ({ row }) => <Time at={row.original.startedAt} /> },
  {
    id: "duration",
    header: "Duration",
    cell: ({ row }) => <Duration from={row.original.startedAt} to={row.original.endedAt} />,
  },
  {
    id: "step",
    header: "Current step",
    cell: ({ row: { original: run } }) => <CurrentStep run={run} />,
  },
];

/** Flow and run share a column, as do time and user, so that the reason has enough room. */
export const attentionColumns = (workspace: string, actions: (run: Run) => ReactNode): RunColumn[] => [
  status,
  {
    id: "run",
    header: "Run",
    cell: ({ row: { original: run } }) => (
      <>
        <FlowLink workspace={workspace} flowId={run.flowId} />
        <br />
        <RunLink workspace={workspace} runId={run.runId} size="xs" />
      </>
    ),
  },
  {
    id: "since",
    header: "Since",
    cell: ({ row: { original: run } }) => (
      <>
        <Time at={sinceOf(run)} />
        <Text size="xs" c="dimmed" className="any-break">
          Running user: <Person id={starterName(run)} />
        </Text>
      </>
    ),
  },
  {
    id: "why",
    header: "Why",
    cell: ({ row }) => (
      <Text size="sm" lineClamp={4} className="any-break" miw={240}>
        <Reason run={row.original} />
      </Text>
    ),
  },
  { id: "actions", header: "Actions", cell: ({ row }) => actions(row.original) },
];
