import { Container, Stack, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { inboxQuery } from "../../api/inbox.ts";
import { ShowMore } from "../../components/data-table.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { TabsOf } from "../../components/tabs-of.tsx";
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
        <TabsOf
          tabs={{
            tasks: ["Approvals and forms", <Tasks key="tasks" workspace={workspace} />],
            runs: ["My paused runs", <MyPausedRuns key="runs" workspace={workspace} />],
          }}
        />
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
