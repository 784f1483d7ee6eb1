import { Container, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { flowQuery } from "../../api/flows.ts";
import { PageLink } from "../../components/links.tsx";
import { Failure, Loading } from "../../components/states.tsx";
import { FlowStatusBadge } from "../../components/status.tsx";
import { FlowActions } from "./actions.tsx";
import { FlowFacts } from "./facts.tsx";
import { HoldBanners } from "./hold-banners.tsx";
import { Versions } from "./versions.tsx";

export function FlowPage() {
  const { workspace, flowId } = useParams({ from: "/inside/$workspace/flows/$flowId" });
  const flow = useQuery(flowQuery(workspace, flowId));
  if (flow.isPending) return <Loading height={160} label="Loading the flow" />;
  if (flow.data === undefined) return <Failure error={flow.error} retry={() => flow.refetch()} />;
  return (
    <Container size="xl" px={0}>
      <Stack>
        <Header workspace={workspace} flow={flow.data} />
        <HoldBanners flow={flow.data} />
        <FlowFacts workspace={workspace} flow={flow.data} />
        <Versions workspace={workspace} flow={flow.data} />
      </Stack>
    </Container>
  );
}

function Header({ workspace, flow }: { workspace: string; flow: Flow }) {
  return (
    <Group justify="space-between" align="flex-start">
      <Stack gap={4} style={{ minWidth: 0 }}>
        <PageLink size="sm" to="/$workspace/flows" params={{ workspace }}>
          Flows
        </PageLink>
        <Group gap="sm">
          <Title order={1} size="h3" style={{ overflowWrap: "anywhere" }}>
            {flow.name}
          </Title>
          <FlowStatusBadge status={flow.status} />
        </Group>
        {flow.description !== "" && <Text c="dimmed">{flow.description}</Text>}
      </Stack>
      <FlowActions workspace={workspace} flow={flow} />
    </Group>
  );
}
