import { Group, Paper, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { runsListQuery } from "../../api/runs.ts";
import { ShowMore } from "../../components/data-table.tsx";
import { RunLink } from "../../components/links.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { session } from "../../session/session.ts";
import { RunControls } from "../run/controls.tsx";
import { reasonOf, sinceOf } from "../runs/why.ts";

/** The person's own paused runs, with Resume if the workspace allows it. */
export function MyPausedRuns({ workspace }: { workspace: string }) {
  const startedBy = session.current()?.userId;
  const list = useInfiniteQuery(runsListQuery(workspace, "listRuns", { status: "paused", startedBy }));
  if (list.isPending) return <Loading height={200} label="Loading your runs" />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => list.refetch()} />;
  const runs = list.data.pages.flatMap((page) => page.items);
  if (runs.length === 0 && !list.hasNextPage)
    return <Empty title="None of your runs are paused">Paused runs that you started appear here.</Empty>;
  return (
    <Stack>
      {runs.map((run) => (
        <Paper key={run.runId} withBorder p="md" component="section" aria-label={`Run ${run.runId}`}>
          <Group justify="space-between" align="flex-start">
            <Stack gap={2}>
              <RunLink workspace={workspace} runId={run.runId} />
              <Text size="sm">
                {run.flowId} · since <Time at={sinceOf(run)} />
              </Text>
              <Text size="sm" c="dimmed">
                {reasonOf(run)}
              </Text>
            </Stack>
            <RunControls workspace={workspace} run={run} />
          </Group>
        </Paper>
      ))}
      <ShowMore list={list} />
    </Stack>
  );
}
