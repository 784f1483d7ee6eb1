import { Text } from "@mantine/core";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { Fact, Facts } from "../../components/fact.tsx";
import { PageLink } from "../../components/links.tsx";
import { Time } from "../../components/time.tsx";

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
      <Fact name="Active version">{flow.version === 0 ? "None (drafts only)" : flow.version}</Fact>
      <Fact name="Runs as">{flow.runAs === "user" ? "The user who starts it" : "System"}</Fact>
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
