import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import { runAuditQuery, type StepAttempt, stepLogsQuery } from "../../../api/steps.ts";
import { Empty, Unloaded } from "../../../components/states.tsx";
import { Gantt } from "./gantt.tsx";
import { pausesOf } from "./pauses.ts";
import { rowsOf, type TimelineRow } from "./tree.ts";
import type { Steps } from "./use-steps.ts";

const NO_ATTEMPTS: readonly StepAttempt[] = [];

/** The run's steps on a time axis. */
export function Timeline(props: { workspace: string; run: Run; steps: Steps; height: number | string }) {
  const { workspace, run, steps, height } = props;
  const { query, tree, toggled, chosen, choose, toggle } = steps;
  const audit = useQuery(runAuditQuery(workspace, run.runId)).data;
  const rows = useMemo(() => rowsOf(tree.roots, toggled), [tree, toggled]);
  // The calls of the chosen step, once its log is read.
  const isRead = chosen?.type === "Task" && chosen.status === "failed";
  const logs = useQuery({
    ...stepLogsQuery(workspace, run.runId, chosen ?? { stepId: "", status: "running" }),
    enabled: isRead,
  });
  const [first] = tree.roots;
  if (query.data === undefined) return <Unloaded query={query} height={160} label="Loading the steps" />;
  if (first === undefined)
    return <Empty title="No steps yet">Steps appear here as soon as the run enters them.</Empty>;
  const show = ({ node, isOpen }: TimelineRow) => {
    if (node.step !== undefined) choose(node.step);
    else if (isOpen !== undefined) toggle(node.id);
  };
  const begun = run.startedAt === undefined ? first.from : Date.parse(run.startedAt);
  return (
    <Gantt
      {...{ rows, height }}
      begun={Math.min(begun, first.from)}
      ended={run.endedAt === undefined ? undefined : Date.parse(run.endedAt)}
      pauses={(now) => pausesOf(audit ?? [], now)}
      chosen={chosen?.stepId}
      attempts={logs.data?.attempts ?? NO_ATTEMPTS}
      onChoose={show}
      onToggle={toggle}
    />
  );
}
