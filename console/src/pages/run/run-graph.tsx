import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { versionQuery } from "../../api/flows.ts";
import { stepsQuery } from "../../api/runs.ts";
import { Failure } from "../../components/states.tsx";
import { marksOf } from "../../graph/state-marks.ts";

const FlowGraph = lazy(() => import("../../graph/flow-graph.tsx"));
const HEIGHT = 520;

/** The graph of the run's version, with the status of each state in the run. */
export function RunGraph({ workspace, run }: { workspace: string; run: Run }) {
  const version = useQuery(versionQuery(workspace, run.flowId, run.flowVersion));
  const steps = useQuery(stepsQuery(workspace, run.runId));
  const parkedAt = run.status === "paused" && run.parkedAt !== undefined ? run.currentStep : undefined;
  const marks = useMemo(() => marksOf(steps.data ?? [], parkedAt), [steps.data, parkedAt]);
  if (version.isError) return <Failure error={version.error} retry={() => version.refetch()} />;
  if (version.data === undefined) return <Skeleton height={HEIGHT} />;
  return (
    <Suspense fallback={<Skeleton height={HEIGHT} />}>
      <FlowGraph definition={version.data.definition} marks={marks} height={HEIGHT} />
    </Suspense>
  );
}
