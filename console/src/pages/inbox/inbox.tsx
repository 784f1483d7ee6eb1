import { Group, Paper, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { inboxQuery } from "../../api/inbox.ts";
import { ownPausedRunsQuery } from "../../api/runs.ts";
import { ShowMore } from "../../components/data-table.tsx";
import { PageLink, RunLink } from "../../components/links.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Unloaded } from "../../components/states.tsx";
import { TabsOf } from "../../components/tabs-of.tsx";
import { Time } from "../../components/time.tsx";
import { session } from "../../session/session.ts";
import { RunControls } from "../run/controls.tsx";
import { Reason } from "../runs/reason.tsx";
import { sinceOf } from "../runs/why.ts";
import { TaskCard } from "./task-card.tsx";

const HERE = "/inside/$workspace/inbox";

/** The person's inbox: approvals, forms, and their own paused runs. */
export function InboxPage() {
  const { workspace } = useParams({ from: HERE });
  const { run } = useSearch({ from: HERE });
  return (
    <Page size="md" title="Inbox">
      <TabsOf
        tabs={{
          tasks: ["Approvals and forms", <Tasks key="tasks" workspace={workspace} runId={run} />],
          runs: ["My paused runs", <MyPausedRuns key="runs" workspace={workspace} />],
        }}
      />
    </Page>
  );
}

/** All that waits for the person, or only what one run asks, with a link to the rest. */
function Tasks({ workspace, runId }: { workspace: string; runId: string | undefined }) {
  const list = useInfiniteQuery(inboxQuery(workspace));
  if (list.data === undefined) return <Unloaded query={list} height={200} label="Loading the inbox" />;
  const all = list.data.pages.flatMap((page) => page.items);
  if (all.length === 0 && !list.hasNextPage && runId === undefined)
    return <Empty title="Nothing is waiting for you">Approvals and forms assigned to you appear here.</Empty>;
  const items = runId === undefined ? all : all.filter((item) => item.runId === runId);
  return (
    <Stack>
      {runId !== undefined && (
        <Text size="sm">
          {items.length === 0
            ? "This run asks you nothing: its question was answered or withdrawn, or others are asked."
            : "Only what this run asks:"}{" "}
          <RunLink workspace={workspace} runId={runId} />{" "}
          <PageLink size="sm" to="/$workspace/inbox" params={{ workspace }}>
            Show all
          </PageLink>
        </Text>
      )}
      {items.map((item) => (
        <TaskCard key={`${item.runId}/${item.stepId}`} workspace={workspace} item={item} />
      ))}
      <ShowMore list={list} />
    </Stack>
  );
}

/** The person's own paused runs, with Resume if the workspace allows it. */
export function MyPausedRuns({ workspace }: { workspace: string }) {
  const startedBy = session.current()?.userId;
  const list = useInfiniteQuery(ownPausedRunsQuery(workspace, startedBy));
  if (list.data === undefined) return <Unloaded query={list} height={200} label="Loading your runs" />;
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
                {run.flowId} · paused <Time at={sinceOf(run)} />
              </Text>
              <Text size="sm" c="dimmed">
                <Reason run={run} />
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
