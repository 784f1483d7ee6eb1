import { Alert, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Fragment, useEffect, useRef } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { flowQuery } from "../../api/flows.ts";
import { useNameOf } from "../../api/people.ts";
import { runQuery } from "../../api/runs.ts";
import { runAuditQuery, stepsQuery } from "../../api/steps.ts";
import { counted } from "../../components/format.ts";
import { HelpLink, PageLink } from "../../components/links.tsx";
import { Page, PageHeader } from "../../components/page.tsx";
import { Cause } from "../../components/run/cause.tsx";
import { RefreshButton, Unloaded } from "../../components/states.tsx";
import { isHalted, StatusBadge } from "../../components/status.tsx";
import { Time } from "../../components/time.tsx";
import { hasBranches } from "../../graph/states.ts";
import { RepairChoices } from "../../repair/repair-choices.tsx";
import { HoldIncident } from "../flow/holds/hold-incident.tsx";
import { holdText } from "../flow/holds/hold-title.ts";
import { Pauser } from "../runs/reason.tsx";
import { sinceOf } from "../runs/why.ts";
import { RunControls } from "./controls.tsx";
import { Overview } from "./overview.tsx";
import { RunMenu } from "./run-menu.tsx";
import { useIsWide, Workbench } from "./workbench/workbench.tsx";

export function RunPage() {
  const { workspace, runId } = useParams({ from: "/inside/$workspace/monitoring/workflow-runs/$runId" });
  const run = useQuery(runQuery(workspace, runId));
  const isWide = useIsWide();
  useCurrentDetails(workspace, run.data, run.dataUpdatedAt);
  if (run.data === undefined) return <Unloaded query={run} height={160} label="Loading the run" />;
  return (
    <Page size={isWide ? "100%" : "xl"} tab={`${run.data.status} · ${run.data.flowId} ${run.data.runId}`}>
      <Header workspace={workspace} run={run.data} />
      <Notices workspace={workspace} run={run.data} />
      <RepairChoices workspace={workspace} run={run.data} />
      <Overview workspace={workspace} run={run.data} />
      <Workbench workspace={workspace} run={run.data} />
    </Page>
  );
}

/**
 * Reads the steps again when the run has changed, and the audit trail when its status has. Steps inside a Parallel or a Map change without the
 * run, so while one is open, they are read as often as the run.
 */
function useCurrentDetails(workspace: string, run: Run | undefined, updatedAt: number) {
  const queries = useQueryClient();
  const seen = useRef<{ readonly run: Run; readonly updatedAt: number }>(undefined);
  useEffect(() => {
    if (run === undefined) return;
    const before = seen.current;
    seen.current = { run, updatedAt };
    if (before === undefined || before.updatedAt === updatedAt) return;
    const { runId } = run;
    const { queryKey } = stepsQuery(workspace, runId);
    const hasOpenBranches = (queries.getQueryData(queryKey) ?? [])
      .flatMap(({ items }) => items)
      .some(({ type, endedAt }) => hasBranches(type) && endedAt === undefined);
    // A run that is the same as before is the same object.
    if (run !== before.run || hasOpenBranches) queries.invalidateQueries({ queryKey });
    if (run.rev !== before.run.rev)
      queries.invalidateQueries({ queryKey: runAuditQuery(workspace, runId).queryKey });
  }, [queries, workspace, run, updatedAt]);
}

function Header({ workspace, run }: { workspace: string; run: Run }) {
  return (
    <PageHeader
      above={
        <PageLink size="sm" to="/$workspace/monitoring/workflow-runs" params={{ workspace }}>
          Runs
        </PageLink>
      }
      name={run.runId}
      isId
      beside={
        <>
          <StatusBadge run={run} size="lg" />
          <HelpLink document="run-statuses">What this status means</HelpLink>
        </>
      }
      actions={
        <Group gap="xs">
          <RunControls workspace={workspace} run={run} />
          <RunMenu workspace={workspace} run={run} />
          <Refresh workspace={workspace} runId={run.runId} />
        </Group>
      }
    />
  );
}

function Refresh({ workspace, runId }: { workspace: string; runId: string }) {
  const queries = useQueryClient();
  const queryKey = [workspace, "run", runId];
  const isFetching = useIsFetching({ queryKey }) > 0;
  return <RefreshButton busy={isFetching} onClick={() => queries.invalidateQueries({ queryKey })} />;
}

/** The reason for the run's status. */
function Notices({ workspace, run }: { workspace: string; run: Run }) {
  if (run.status === "failed" && run.error !== undefined)
    return (
      <Alert
        color="red"
        title={run.error.state === "" ? run.error.error : `${run.error.error} in ${run.error.state}`}
      >
        <Cause error={run.error} />
        <HelpLink document="reading-a-run">What to do about a failed run</HelpLink>
      </Alert>
    );
  if (run.status === "cancelled")
    return (
      <Alert color="gray" title="Cancelled">
        {run.cancelReason}
      </Alert>
    );
  if (run.status === "pending" && run.queued) return <Queued workspace={workspace} flowId={run.flowId} />;
  if (run.status !== "paused") return <Ahead run={run} />;
  if (isHalted(run))
    return (
      <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={<Pauser run={run} />}>
        <Cause error={run.pausedBy ?? {}} />
        <Text size="sm" mb={4}>
          The step failed, and the run paused <Time at={sinceOf(run)} />.{" "}
          {run.parkedAt === undefined
            ? "Its execution is still ending. After that, it can continue."
            : "Fix the cause, then choose how it continues."}
        </Text>
        <HelpLink document="hold-on-failure">What you can do</HelpLink>
      </Alert>
    );
  const isStepRunning =
    run.parkedAt === undefined && run.startedAt !== undefined && run.currentStep !== undefined;
  return (
    <Alert color="yellow" title={<Pauser run={run} />}>
      {run.pausedBy?.reason !== undefined && <Text size="sm">{run.pausedBy.reason}</Text>}
      {run.pausedBy?.kind === "flow" && (
        <FlowHolds workspace={workspace} flowId={run.flowId} holdIds={run.pausedBy.holdIds} />
      )}
      <Text size="sm" mb={4}>
        {isStepRunning
          ? `Step ${run.currentStep} is still running. A step in progress cannot be stopped; its result is kept.`
          : run.pausedBy?.kind === "flow"
            ? "The run keeps its place. It continues when none of its flow’s holds keeps it."
            : "The run keeps its place. Resuming it picks up from where it stopped."}
      </Text>
      <HelpLink document="why-a-run-paused">Why a run paused</HelpLink>
    </Alert>
  );
}

/** Says why a run has not begun, and how many records wait with it. */
function Queued({ workspace, flowId }: { workspace: string; flowId: string }) {
  const flow = useQuery(flowQuery(workspace, flowId)).data;
  return (
    <Alert color="gray" title={`Queued in ${flowId}`}>
      <Text size="sm">
        The run begins when its turn in the flow’s queue comes.
        {flow !== undefined && ` Records in the queue: ${flow.queued.toLocaleString()}.`}
      </Text>
      <FlowHolds workspace={workspace} flowId={flowId} />
    </Alert>
  );
}

/** The holds that stopped the run, as far as they still stand, or all of the flow's, with a link to the first, where it is lifted. */
function FlowHolds(props: { workspace: string; flowId: string; holdIds?: readonly string[] | undefined }) {
  const { workspace, flowId, holdIds } = props;
  const flow = useQuery(flowQuery(workspace, flowId)).data;
  const nameOf = useNameOf();
  // Runs that release 0.1 stopped do not say which hold did.
  const own = flow?.holds.filter(({ holdId }) => holdIds === undefined || holdIds.includes(holdId)) ?? [];
  return (
    <Text size="sm">
      {flow !== undefined &&
        own.map((hold) => (
          <Fragment key={hold.holdId}>
            {`${holdText(flow, hold, nameOf).replace(/[.]$/, "")}. `}
            <HoldIncident workspace={workspace} hold={hold} />{" "}
          </Fragment>
        ))}
      <PageLink
        size="sm"
        to="/$workspace/flows/$flowId"
        params={{ workspace, flowId }}
        {...(own[0] === undefined ? {} : { hash: own[0].holdId })}
      >
        Show the flow
      </PageLink>
    </Text>
  );
}

/** Says where the run will be paused: before a state, or after a number of steps. */
function Ahead({ run: { pauseBefore, stepsLeft } }: { run: Run }) {
  if (pauseBefore === undefined && stepsLeft === undefined) return null;
  return (
    <Alert
      color="blue"
      title={
        pauseBefore === undefined
          ? stepsLeft === 0
            ? "Pauses after this step"
            : `Pauses after ${counted(stepsLeft ?? 0, "more step")}`
          : `Pauses before “${pauseBefore}”`
      }
    >
      <HelpLink document="breakpoints">Breakpoints and single steps</HelpLink>
    </Alert>
  );
}
