import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { FlowHealth } from "../../../../../shared/model/schemas/flow.ts";
import { flowHealthQuery } from "../../../api/flows.ts";
import { Fact } from "../../../components/fact.tsx";
import { HelpLink } from "../../../components/links.tsx";
import { Loading } from "../../../components/states.tsx";
import { Time } from "../../../components/time.tsx";

// It brings the library that draws charts.
const HealthCharts = lazy(() => import("./health-charts.tsx"));

/** A flow's health as it is now, and as it was while the page has been open. */
export function Health({ workspace, flowId }: { workspace: string; flowId: string }) {
  const { data } = useQuery(flowHealthQuery(workspace, flowId));
  if (data === undefined) return null;
  const { now: health, readings } = data;
  return (
    <Paper withBorder p="md" component="section" aria-label="Health">
      <Group justify="space-between" mb="xs">
        <Text fw={500} size="sm">
          Health
        </Text>
        <HelpLink document="pausing-a-flow">What the figures mean</HelpLink>
      </Group>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }} component="dl" style={{ margin: 0 }}>
        <Fact name="Paused longest since">
          <Since at={health.oldestParkedAt} none="No run is paused" />
        </Fact>
        <Fact name="Queued longest since">
          <Since at={health.oldestQueuedAt} none="No record is queued" />
        </Fact>
        <Fact name="Queue">
          <QueueTrend health={health} />
        </Fact>
        <Fact name="Failed runs">
          {health.failureRate.minute} in a minute, {health.failureRate.hour} in an hour
        </Fact>
        <Fact name="Overdue runs">{health.overdue}</Fact>
      </SimpleGrid>
      <Suspense fallback={<Loading height={220} label="Loading the charts" />}>
        <HealthCharts readings={readings} />
      </Suspense>
    </Paper>
  );
}

function Since({ at, none }: { at: string | null; none: string }) {
  return at === null ? none : <Time at={at} />;
}

function QueueTrend({ health: { queueGrowthPerMinute, drain } }: { health: FlowHealth }) {
  if (drain !== null)
    return (
      <>
        Empty by <Time at={drain.endsAt} />, {drain.rate} a second
      </>
    );
  return queueGrowthPerMinute > 0 ? `Grows by ${queueGrowthPerMinute} a minute` : "Does not grow";
}
