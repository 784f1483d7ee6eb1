import { Button, Group, List, Paper, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useMay } from "../../api/people.ts";
import { PageLink } from "../../components/links.tsx";
import { DispatchCommand } from "./dispatch-command.tsx";

const PublishDialog = lazy(() => import("../flow/publish-dialog.tsx"));

/** A flow that needs no functions: it asks a person, and its runs are found by their order number. */
const EXAMPLE = {
  Comment: "An order waits a moment, then asks whether to ship it.",
  Sluice: { Index: { orderId: "$.orderId" } },
  StartAt: "Pack",
  States: {
    Pack: { Type: "Wait", Seconds: 10, Next: "May it ship?" },
    "May it ship?": {
      Type: "Task",
      Resource: "arn:sluice:::approval",
      Parameters: { "Title.$": "States.Format('Ship order {}?', $.orderId)" },
      End: true,
    },
  },
};

/** The way from a workspace without flows to the first run. */
export function FirstSteps({ workspace }: { workspace: string }) {
  const mayPublish = useMay("publish");
  const [isOpen, setOpen] = useState(false);
  return (
    <Paper withBorder p="md" component="section" aria-label="First steps">
      <Title order={2} size="h5" mb="xs">
        This workspace has no flow yet
      </Title>
      <List type="ordered" size="sm" spacing="xs">
        <List.Item>
          {mayPublish
            ? "Publish a flow. The example needs no functions: it waits, then asks whether to ship an order. Give it the id orders."
            : "An administrator of the workspace publishes a flow."}
        </List.Item>
        <List.Item>
          Dispatch a record: it becomes a run, which appears here.
          <br />
          <DispatchCommand flowId="orders" />
        </List.Item>
        <List.Item>Find the run by A-17, and answer its question in the inbox.</List.Item>
      </List>
      {mayPublish && (
        <Group mt="sm">
          <Button onClick={() => setOpen(true)}>Publish the example</Button>
          <Text size="sm">
            Or{" "}
            <PageLink size="sm" to="/$workspace/flows" params={{ workspace }}>
              attach a state machine of your own
            </PageLink>
          </Text>
        </Group>
      )}
      {isOpen && (
        <Suspense>
          <PublishDialog
            workspace={workspace}
            definition={EXAMPLE}
            runAs="user"
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </Paper>
  );
}
