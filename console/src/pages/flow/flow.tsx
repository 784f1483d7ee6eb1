import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { flowQuery } from "../../api/flows.ts";
import { Fact, Facts } from "../../components/fact.tsx";
import { PageLink } from "../../components/links.tsx";
import { Page, PageHeader } from "../../components/page.tsx";
import { Loading, Unloaded } from "../../components/states.tsx";
import { FlowKind, FlowStatusBadge, UNREACHABLE_TEXTS } from "../../components/status.tsx";
import { TabsOf } from "../../components/tabs-of.tsx";
import { Time } from "../../components/time.tsx";
import { FlowActions } from "./actions.tsx";
import { FlowAudit } from "./flow-audit.tsx";
import { Health } from "./health/health.tsx";
import { FlowBanners } from "./holds/hold-banners.tsx";
import { FullestKeys } from "./slots.tsx";
import { Versions } from "./versions.tsx";

// It brings the library that puts schedules into words.
const Triggers = lazy(() => import("./triggers/triggers.tsx"));

export function FlowPage() {
  const { workspace, flowId } = useParams({ from: "/inside/$workspace/flows/$flowId" });
  const flow = useQuery(flowQuery(workspace, flowId));
  if (flow.data === undefined) return <Unloaded query={flow} height={160} label="Loading the flow" />;
  return (
    <Page size="xl" tab={flow.data.name}>
      <Header workspace={workspace} flow={flow.data} />
      <FlowBanners workspace={workspace} flow={flow.data} />
      <FlowFacts workspace={workspace} flow={flow.data} />
      <FullestKeys workspace={workspace} flow={flow.data} />
      <Health workspace={workspace} flowId={flowId} />
      <Suspense fallback={<Loading height={90} label="Loading the triggers" />}>
        <Triggers workspace={workspace} flowId={flowId} />
      </Suspense>
      <TabsOf
        tabs={{
          versions: ["Versions", <Versions key="versions" workspace={workspace} flow={flow.data} />],
          audit: ["Audit trail", <FlowAudit key="audit" workspace={workspace} flowId={flowId} />],
        }}
      />
    </Page>
  );
}

function Header({ workspace, flow }: { workspace: string; flow: Flow }) {
  return (
    <PageHeader
      above={
        <PageLink size="sm" to="/$workspace/flows" params={{ workspace }}>
          Flows
        </PageLink>
      }
      name={flow.name}
      beside={<FlowStatusBadge status={flow.status} />}
      actions={<FlowActions workspace={workspace} flow={flow} />}
    >
      {flow.description !== "" && <Text c="dimmed">{flow.description}</Text>}
    </PageHeader>
  );
}

/** The overview of a flow; each meter is shown with its cap. */
export function FlowFacts({ workspace, flow }: { workspace: string; flow: Flow }) {
  const { caps, meters } = flow;
  return (
    <Facts columns={4}>
      <Fact name="Flow ID">
        <Text span ff="monospace" size="sm">
          {flow.flowId}
        </Text>
      </Fact>
      <Fact name="Kind">
        <FlowKind flow={flow} />
      </Fact>
      <Fact name="Active version">{flow.version === 0 ? "None" : flow.version}</Fact>
      <Fact name="Runs as">{flow.runAs === "user" ? "The user who starts it" : "System"}</Fact>
      <Fact name="When a step fails">
        {flow.onFailure === "pause" ? "The run is paused" : "The run fails"}
      </Fact>
      <Fact name="Queued records">{flow.queued}</Fact>
      <Fact name="Steps in progress">{flow.inFlight}</Fact>
      <Fact name="Throughput">
        {meters.throughput?.used ?? 0}
        {caps.throughput ? ` of ${caps.throughput.limit} per ${caps.throughput.per}` : " · no cap"}
      </Fact>
      <Fact name="Spend">
        {meters.spend?.used ?? 0}
        {caps.spend ? ` of ${caps.spend.limit} per ${caps.spend.period}` : " · no cap"}
      </Fact>
      {flow.slots !== undefined && (
        <Fact name="Runs at once">
          {flow.slots.used}
          {caps.concurrency ? ` of ${caps.concurrency.limit}` : ""}
          {caps.concurrency?.key === undefined ? "" : ` per ${caps.concurrency.key}`}
          {flow.slots.paused > 0 && `, ${flow.slots.paused} paused`}
          {`, ${flow.slots.waiting} waiting`}
        </Fact>
      )}
      {caps.errors != null && (
        <Fact name="Failed runs">
          {meters.errors?.used ?? 0} of {caps.errors.count} per {caps.errors.per}
          {caps.errors.percent === undefined ? "" : `, and ${caps.errors.percent} %`}
        </Fact>
      )}
      {flow.stateMachineArn !== undefined && (
        <>
          <Fact name="State machine">
            <Text span ff="monospace" size="xs">
              {flow.stateMachineArn}
            </Text>
          </Fact>
          <Fact name="While it cannot call Sluice">{UNREACHABLE_TEXTS[flow.whenUnreachable ?? "pass"]}</Fact>
        </>
      )}
      <Fact name="Last changed">
        <Time at={flow.updatedAt} />
      </Fact>
      <Fact name="Runs">
        <PageLink
          size="sm"
          to="/$workspace/monitoring/workflow-runs"
          params={{ workspace }}
          search={{ flowId: flow.flowId }}
        >
          Show runs
        </PageLink>
      </Fact>
    </Facts>
  );
}
