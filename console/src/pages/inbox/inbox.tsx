import { Container, Stack, Tabs, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { inboxQuery } from "../../api/inbox.ts";
import { ShowMore } from "../../components/data-table.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { MyPausedRuns } from "./my-paused-runs.tsx";
import { TaskCard } from "./task-card.tsx";

/** The person's inbox: approvals, forms, and their own paused runs. */
export function InboxPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/inbox" });
  return (
    <Container size="md" px={0}>
      <Stack>
        <Title order={1} size="h3">
          Inbox
        </Title>
        <Tabs defaultValue="tasks" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="tasks">Approvals and forms</Tabs.Tab>
            <Tabs.Tab value="runs">My paused runs</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="tasks" pt="md">
            <Tasks workspace={workspace} />
          </Tabs.Panel>
          <Tabs.Panel value="runs" pt="md">
            <MyPausedRuns workspace={workspace} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Container>
  );
}

function Tasks({ workspace }: { workspace: string }) {
  const list = useInfiniteQuery(inboxQuery(workspace));
  if (list.isPending) return <Loading height={200} label="Loading the inbox" />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => list.refetch()} />;
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !list.hasNextPage)
    return <Empty title="Nothing is waiting for you">Approvals and forms assigned to you appear here.</Empty>;
  return (
    <Stack>
      {items.map((item) => (
        <TaskCard key={`${item.runId}/${item.stepId}`} workspace={workspace} item={item} />
      ))}
      <ShowMore list={list} />
    </Stack>
  );
}
