import "./workbench.css";
import { Paper, Skeleton, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import { TabsOf } from "../../../components/tabs-of.tsx";
import { JsonView } from "../../../json/json-view.tsx";
import { AuditTrail } from "../audit-trail.tsx";
import { StepDetail } from "../step/step-detail.tsx";
import { useRunSearch } from "./chosen.ts";
import { RunGraph } from "./run-graph.tsx";
import { Timeline } from "./timeline.tsx";
import { type Steps, useSteps } from "./use-steps.ts";

const Compare = lazy(() => import("../compare/compare.tsx"));

/** From this width on, graph, timeline and the chosen step are side by side. */
const WIDE = "(min-width: 90em)";

export const useIsWide = (): boolean => useMediaQuery(WIDE, false, { getInitialValueInEffect: false });

/** The run's steps in its flow's graph and on a time axis, with the details of the chosen one, and the run's other data. */
export function Workbench({ workspace, run }: { workspace: string; run: Run }) {
  const isWide = useIsWide();
  const steps = useSteps(workspace, run);
  const { search, change } = useRunSearch();
  const { runId, output } = run;
  const detail = <Detail {...{ workspace, runId, steps }} />;
  return (
    <>
      {isWide && (
        <div className="workbench">
          <section aria-label="Graph">
            <RunGraph {...{ workspace, run, steps }} height="max(420px, 62vh)" />
          </section>
          <section aria-label="Steps">
            <Timeline {...{ workspace, run, steps }} height="max(420px, 62vh)" />
          </section>
          {detail}
        </div>
      )}
      <TabsOf
        value={search.tab}
        onChange={(tab) => change({ tab })}
        tabs={{
          ...(!isWide && {
            steps: [
              "Steps",
              <div key="steps" className="workbench-stack">
                <Timeline {...{ workspace, run, steps }} height="55vh" />
                {detail}
              </div>,
            ] as const,
            graph: [
              "Graph",
              <div key="graph" className="workbench-stack">
                <RunGraph {...{ workspace, run, steps }} height={520} />
                {detail}
              </div>,
            ] as const,
          }),
          payload: [
            "Trigger payload",
            <JsonView key="payload" label="Trigger payload" value={run.payload} />,
          ],
          ...(output !== undefined && {
            output: ["Output", <JsonView key="output" label="Output" value={output} />] as const,
          }),
          compare: [
            "Compare",
            <Suspense key="compare" fallback={<Skeleton height={120} />}>
              <Compare
                {...{ workspace, run }}
                other={search.with}
                onChoose={(other) => change({ with: other })}
              />
            </Suspense>,
          ],
          audit: ["Audit trail", <AuditTrail key="audit" workspace={workspace} runId={runId} />],
        }}
      />
    </>
  );
}

/** The chosen step, or the state that the run has not entered as a step. */
function Detail({ workspace, runId, steps }: { workspace: string; runId: string; steps: Steps }) {
  const { chosen, state, list, choose } = steps;
  if (chosen === undefined && state === undefined) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label="Chosen step" className="workbench-detail">
      {chosen !== undefined ? (
        <StepDetail
          key={chosen.stepId}
          {...{ workspace, runId }}
          step={chosen}
          steps={list}
          onChoose={choose}
        />
      ) : (
        <>
          <Title order={2} size="h5" className="any-break">
            {state}
          </Title>
          <Text size="sm">
            The run has not begun this state as a step. A Choice, a Pass and a state that ends the flow have
            no input or output of their own here.
          </Text>
        </>
      )}
    </Paper>
  );
}
