import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../../shared/model/transitions.ts";
import { versionQuery } from "../../api/flows.ts";
import { useMay } from "../../api/people.ts";
import { stepsQuery, useControlRun } from "../../api/runs.ts";
import { HelpLink } from "../../components/links.tsx";
import { Unloaded } from "../../components/states.tsx";
import { LazyFlowGraph } from "../../graph/lazy-flow-graph.tsx";
import { marksOf } from "../../graph/state-marks.ts";
import { type GraphScope, isStep, readScope } from "../../graph/states.ts";
import { standOf, visitOf } from "../../repair/stand.ts";

const HEIGHT = 520;

/** The graph of the run's version, with the status of each state in the run, and its breakpoint. */
export function RunGraph({ workspace, run }: { workspace: string; run: Run }) {
  const version = useQuery(versionQuery(workspace, run.flowId, run.flowVersion));
  const steps = useQuery(stepsQuery(workspace, run.runId));
  const [chosen, setChosen] = useState<string>();
  const scope = useMemo(() => readScope(version.data?.definition), [version.data]);
  const parkedAt = useMemo(() => parkedIn(run, steps.data ?? [], scope), [run, steps.data, scope]);
  const marks = useMemo(() => marksOf(steps.data ?? [], parkedAt), [steps.data, parkedAt]);
  // While a person's pause or an error keeps the run paused, its resume would remove the breakpoint.
  const isOpen = !isTerminal(run.status) && (run.status !== "paused" || run.pausedBy?.kind === "flow");
  const mayStop = useMay("control-runs") && isOpen;
  const stops = useMemo(() => stopsIn(scope), [scope]);
  if (version.data === undefined)
    return <Unloaded query={version} height={HEIGHT} label="Loading the graph" />;
  const choose = (state: string) => stops.includes(state) && setChosen(state);
  return (
    <Stack gap="xs">
      {mayStop && <Breakpoint {...{ workspace, run, stops, chosen }} onChoose={choose} />}
      <LazyFlowGraph
        definition={version.data.definition}
        marks={marks}
        height={HEIGHT}
        breakpoint={run.pauseBefore}
        {...(mayStop ? { selected: chosen, onSelect: choose } : {})}
      />
    </Stack>
  );
}

/** The state before which a paused run stopped, or the one whose branches did. A failed state is marked as failed. */
const parkedIn = (run: Run, steps: Parameters<typeof standOf>[1], scope: GraphScope): string | undefined => {
  if (run.status !== "paused" || run.parkedAt === undefined || run.pausedBy?.kind === "error")
    return undefined;
  const { state } = standOf(run, steps, scope);
  return state ?? (visitOf(steps, run.currentStep)?.status === "completed" ? undefined : run.currentStep);
};

/** The names of the states before which a run can be paused, at every level. */
const stopsIn = ({ states }: GraphScope): string[] =>
  states.flatMap(({ name, type, scopes }) => [...(isStep(type) ? [name] : []), ...scopes.flatMap(stopsIn)]);

/** Sets the breakpoint before a state that is chosen in the graph or in the list. */
function Breakpoint(props: {
  workspace: string;
  run: Run;
  stops: string[];
  chosen: string | undefined;
  onChoose: (state: string) => void;
}) {
  const { workspace, run, stops, chosen, onChoose } = props;
  const control = useControlRun(workspace, run.runId);
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Pause before a step"
        placeholder="Choose it here or in the graph"
        data={stops}
        value={chosen ?? null}
        onChange={(name) => name && onChoose(name)}
        searchable
        maw="100%"
        w={280}
      />
      <Button
        variant="default"
        leftSection={<IconHandStop size={16} aria-hidden />}
        disabled={chosen === undefined || chosen === run.pauseBefore}
        loading={control.isPending}
        onClick={() =>
          chosen !== undefined && control.mutate({ action: "pause", rev: run.rev, body: { before: chosen } })
        }
      >
        Set breakpoint
      </Button>
      <Text size="sm" c="dimmed" component="div" pb={8}>
        {run.pauseBefore === undefined
          ? "The run is paused when it reaches this step. "
          : `The breakpoint is before “${run.pauseBefore}”. A run has one. `}
        <HelpLink document="breakpoints">Breakpoints</HelpLink>
      </Text>
    </Group>
  );
}
