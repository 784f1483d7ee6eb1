import { Alert, Button, Progress, Stack, Text } from "@mantine/core";
import { IconCalendarPause, IconPlayerPauseFilled, IconShieldPause, IconUnlink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Flow } from "../../../../../shared/model/schemas/flow.ts";
import { standingRunsQuery, useCancelScheduledPause } from "../../../api/flows.ts";
import { useMay, useNameOf } from "../../../api/people.ts";
import { counted, durationText } from "../../../components/format.ts";
import { HelpLink, PageLink } from "../../../components/links.tsx";
import { Person } from "../../../components/person.tsx";
import { Time, useNow } from "../../../components/time.tsx";
import { toasts } from "../../../components/toasts.ts";
import { CanaryBanner, RampBanner } from "./careful-resume.tsx";
import { HoldActions } from "./hold-actions.tsx";
import { HoldIncident } from "./hold-incident.tsx";
import { type Hold, holdTitle, isIncidents } from "./hold-title.ts";

/** The drift of an attached flow, then each hold with its author, reason and end, then the planned pause and the progress of the drain. */
export function FlowBanners({ workspace, flow }: { workspace: string; flow: Flow }) {
  return (
    <Stack gap="sm" component="section" aria-label="Holds">
      {flow.drift && <DriftBanner />}
      {flow.holds.map((hold) => (
        <HoldBanner key={hold.holdId} workspace={workspace} flow={flow} hold={hold} />
      ))}
      {flow.canary && <CanaryBanner workspace={workspace} flow={flow} canary={flow.canary} />}
      {flow.ramp && <RampBanner workspace={workspace} flow={flow} ramp={flow.ramp} />}
      {flow.scheduledPause && <PlannedBanner workspace={workspace} flow={flow} plan={flow.scheduledPause} />}
      {flow.draining !== null && <DrainProgress remaining={flow.draining.remaining} />}
    </Stack>
  );
}

function DriftBanner() {
  const mayPublish = useMay("publish");
  return (
    <Alert color="orange" icon={<IconUnlink aria-hidden />} title="The state machine was changed">
      <Stack gap={4}>
        <Text size="sm">
          Its definition was replaced after it was attached, for example by a deployment, and has no gates.
          New executions are not runs, and the flow cannot be paused.
        </Text>
        <Text size="sm">
          {mayPublish
            ? "To add gates to the new definition, choose Attach again under Actions. To leave the state machine as it is, choose Detach."
            : "Ask an administrator of the workspace to attach the state machine again, or to detach the flow."}
        </Text>
        <HelpLink document="your-own-state-machine">How attached flows work</HelpLink>
      </Stack>
    </Alert>
  );
}

function HoldBanner({ workspace, flow, hold }: { workspace: string; flow: Flow; hold: Hold }) {
  const isManual = hold.kind === "manual";
  const isReasonInTitle = hold.kind === "errors" || isIncidents(hold);
  const now = useNow(hold.finishUntil !== undefined);
  const isFinishing = hold.finishUntil !== undefined && Date.parse(hold.finishUntil) > now;
  return (
    <Alert
      color={isManual ? "yellow" : "orange"}
      icon={isManual ? <IconPlayerPauseFilled aria-hidden /> : <IconShieldPause aria-hidden />}
      title={holdTitle(flow, hold, useNameOf())}
      data-hold={hold.kind}
      id={hold.holdId}
      className="below-header"
    >
      <Stack gap={4}>
        {hold.reason !== undefined && !isReasonInTitle && <Text size="sm">{hold.reason}</Text>}
        <Text size="sm">
          {hold.steps === undefined ? "Holds the whole flow." : `Holds only ${hold.steps.join(", ")}.`} Began{" "}
          <Time at={hold.since} />
          {isIncidents(hold) && (
            <>
              {" by "}
              <Person id={hold.by} />
            </>
          )}
          .{" "}
          {hold.steps !== undefined ? (
            "Runs stop before these steps. Everything else goes on, and new records start."
          ) : (
            <>
              {hold.mode === "reject"
                ? "New records are rejected."
                : `New records are queued: ${flow.queued} so far.`}{" "}
              {isFinishing ? (
                <>
                  Runs that have begun go on until <Time at={hold.finishUntil ?? ""} />.
                </>
              ) : (
                "Current runs remain frozen in their existing state."
              )}
            </>
          )}
        </Text>
        {hold.unheld !== undefined && (
          <Text size="sm">No gate holds {hold.unheld.join(", ")}: runs still enter there.</Text>
        )}
        <StandingRuns workspace={workspace} flowId={flow.flowId} holdId={hold.holdId} />
        {hold.kind === "errors" && (
          <PageLink
            size="sm"
            to="/$workspace/monitoring/failures"
            params={{ workspace }}
            search={{ flowId: flow.flowId, since: "P1D" }}
          >
            Show what failed
          </PageLink>
        )}
        <HoldIncident workspace={workspace} hold={hold} />
        {hold.resumeAt !== undefined && <Ending hold={hold} at={hold.resumeAt} />}
        <HoldActions workspace={workspace} flow={flow} hold={hold} />
        <HelpLink document="pausing-a-flow">How a paused flow behaves</HelpLink>
      </Stack>
    </Alert>
  );
}

/** Leads to the runs that stand at the hold; nothing for people who may not read runs. */
function StandingRuns(props: { workspace: string; flowId: string; holdId: string }) {
  const { workspace, flowId, holdId } = props;
  const mayRead = useMay("read-runs");
  const standing = useQuery({ ...standingRunsQuery(workspace, flowId), enabled: mayRead }).data;
  if (standing === undefined) return null;
  const count = standing.holds.filter((ids) => ids.includes(holdId)).length;
  if (count === 0 && !standing.more) return null;
  return (
    <PageLink
      size="sm"
      to="/$workspace/monitoring/workflow-runs"
      params={{ workspace }}
      search={{ flowId, status: ["paused"] }}
    >
      {standing.more ? "At least " : ""}
      {counted(count, "run")} paused by it
    </PageLink>
  );
}

function PlannedBanner(props: { workspace: string; flow: Flow; plan: NonNullable<Flow["scheduledPause"]> }) {
  const { workspace, flow, plan } = props;
  const mayHold = useMay("hold-flows");
  const cancel = useCancelScheduledPause(workspace, flow.flowId);
  return (
    <Alert
      color="gray"
      icon={<IconCalendarPause aria-hidden />}
      title={`Pause planned by ${useNameOf()(plan.by)}`}
      data-plan
    >
      <Stack gap={4} align="start">
        {plan.reason !== undefined && <Text size="sm">{plan.reason}</Text>}
        <Text size="sm">
          From <Time at={plan.startAt} /> until <Time at={plan.resumeAt} /> at the latest. {planText(plan)}
        </Text>
        {mayHold && (
          <Button
            size="compact-sm"
            variant="default"
            loading={cancel.isPending}
            onClick={() =>
              cancel.mutate(flow.rev, toasts("Planned pause cancelled", "Failed to cancel the planned pause"))
            }
          >
            Cancel the planned pause
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

const planText = ({ mode, steps }: NonNullable<Flow["scheduledPause"]>): string => {
  if (steps !== undefined) return `It will hold only ${steps.join(", ")}. Everything else will go on.`;
  if (mode === "reject") return "New records will be rejected.";
  return `New records will be queued.${mode === "finish" ? " Runs that have begun by then may finish." : ""}`;
};

function Ending({ hold, at }: { hold: Hold; at: string }) {
  const left = Date.parse(at) - useNow(true);
  const event =
    hold.kind === "spend"
      ? "Lifts on its own when the cap is raised above the amount used, or when the next period begins,"
      : isIncidents(hold)
        ? "The incident is resolved automatically"
        : "Resumes automatically";
  return (
    <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
      {event} {left > 0 ? `in ${durationText(left)}` : "any moment now"} (<Time at={at} />)
    </Text>
  );
}

/** Progress is measured from the largest number left since the page was opened. */
function DrainProgress({ remaining }: { remaining: number }) {
  const [most, setMost] = useState(remaining);
  useEffect(() => setMost((before) => Math.max(before, remaining)), [remaining]);
  const done = most === 0 ? 100 : ((most - remaining) / most) * 100;
  return (
    <Alert color="blue" title="Starting queued records">
      <Text size="sm" mb={6} style={{ fontVariantNumeric: "tabular-nums" }}>
        {counted(remaining, "record")} left
      </Text>
      <Progress value={done} aria-label="Started records" />
    </Alert>
  );
}
