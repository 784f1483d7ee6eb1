import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { firstFlowsQuery } from "../../api/home.ts";
import { meQuery, useMay, useWorkspace } from "../../api/people.ts";
import { Page } from "../../components/page.tsx";
import { Unloaded } from "../../components/states.tsx";
import { FindField } from "../../find/find-button.tsx";
import { Counts } from "./counts.tsx";
import { Failed } from "./failed.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { Held } from "./held.tsx";
import { Oldest } from "./oldest.tsx";
import { ForYou } from "./waiting.tsx";

/** The page of a workspace: what runs, what failed, what is held, and what waits for the person. */
export function HomePage() {
  const workspace = useWorkspace();
  const me = useQuery(meQuery(workspace));
  return (
    <Page size="xl" title="Home">
      {me.data === undefined ? (
        <Unloaded query={me} height={240} label="Loading the workspace" />
      ) : (
        <Parts workspace={workspace} />
      )}
    </Page>
  );
}

/** The parts that the person's role may read. */
function Parts({ workspace }: { workspace: string }) {
  const mayReadFlows = useMay("read-flows");
  const mayAnswer = useMay("complete-steps");
  const flows = useQuery({ ...firstFlowsQuery(workspace), enabled: mayReadFlows });
  const isNew = flows.data?.items.length === 0;
  return (
    <>
      {isNew && <FirstSteps workspace={workspace} />}
      <FindField workspace={workspace}>Find a run: its id, an order number, an error</FindField>
      <Counts workspace={workspace} />
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Failed workspace={workspace} />
        {mayReadFlows && <Held workspace={workspace} flows={flows} />}
        {mayAnswer && <ForYou workspace={workspace} />}
        <Oldest workspace={workspace} flowId={flows.data?.items[0]?.flowId} />
      </SimpleGrid>
    </>
  );
}
