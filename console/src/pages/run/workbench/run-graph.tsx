import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../../../shared/model/transitions.ts";
import { versionQuery } from "../../../api/flows.ts";
import { useMay } from "../../../api/people.ts";
import { Unloaded } from "../../../components/states.tsx";
import { LazyFlowGraph } from "../../../graph/lazy-flow-graph.tsx";
import { type GraphScope, isStep, readScope } from "../../../graph/states.ts";
import { Breakpoint } from "./breakpoint.tsx";
import { marksOfRun, parkedIn } from "./run-marks.ts";
import type { Steps } from "./use-steps.ts";

/** The graph of the run's version: the status of each state in the run, the way that the run took, and its breakpoint. */
export function RunGraph(props: { workspace: string; run: Run; steps: Steps; height: number | string }) {
  const { workspace, run, steps, height } = props;
  const { list, tree, chosen, state, chooseState } = steps;
  const version = useQuery(versionQuery(workspace, run.flowId, run.flowVersion));
  const scope = useMemo(() => readScope(version.data?.definition), [version.data]);
  const parkedAt = useMemo(() => parkedIn(run, list, scope), [run, list, scope]);
  const { marks, taken } = useMemo(
    () => marksOfRun(run, { list, tree, scope, parkedAt }),
    [run, list, tree, scope, parkedAt],
  );
  // While a person's pause or an error keeps the run paused, its resume would remove the breakpoint.
  const isOpen = !isTerminal(run.status) && (run.status !== "paused" || run.pausedBy?.kind === "flow");
  const mayStop = useMay("control-runs") && isOpen;
  const stops = useMemo(() => stopsIn(scope), [scope]);
  const selected = state ?? chosen?.name;
  if (version.data === undefined)
    return <Unloaded query={version} height={height} label="Loading the graph" />;
  return (
    <Stack gap="xs">
      {mayStop && <Breakpoint {...{ workspace, run, stops }} state={selected} onChoose={chooseState} />}
      <LazyFlowGraph
        definition={version.data.definition}
        {...{ marks, taken, height, selected }}
        breakpoint={run.pauseBefore}
        onSelect={chooseState}
      />
    </Stack>
  );
}

/** The names of the states before which a run can be paused, at every level. */
const stopsIn = ({ states }: GraphScope): string[] =>
  states.flatMap(({ name, type, scopes }) => [...(isStep(type) ? [name] : []), ...scopes.flatMap(stopsIn)]);
