import { Button, Group, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { flowsQuery } from "../../api/flows.ts";
import { useMay } from "../../api/people.ts";
import { DataTable, ShowMore } from "../../components/data-table.tsx";
import { PageLink } from "../../components/links.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { FlowKind, FlowStatusBadge } from "../../components/status.tsx";
import { Time } from "../../components/time.tsx";

const AttachDialog = lazy(() => import("../flow/attach-dialog.tsx"));
const PublishDialog = lazy(() => import("../flow/publish-dialog.tsx"));

export function FlowsPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/flows" });
  const list = useInfiniteQuery(flowsQuery(workspace));
  const mayPublish = useMay("publish");
  const [isNew, setIsNew] = useState(false);
  const [isAttaching, setIsAttaching] = useState(false);
  const flows = list.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      size="xl"
      title="Flows"
      actions={
        mayPublish && (
          <Group gap="xs">
            <Button variant="default" onClick={() => setIsAttaching(true)}>
              Attach a state machine
            </Button>
            <Button onClick={() => setIsNew(true)}>New flow</Button>
          </Group>
        )
      }
    >
      {list.isPending && <Loading height={240} label="Loading flows" />}
      {list.isError && flows === undefined && <Failure error={list.error} retry={() => list.refetch()} />}
      {flows?.length === 0 && (
        <Empty title="No flows yet">
          A flow appears here once its first version is published, or a state machine is attached.
        </Empty>
      )}
      {flows !== undefined && flows.length > 0 && <FlowsTable workspace={workspace} flows={flows} />}
      <ShowMore list={list} />
      {isAttaching && (
        <Suspense>
          <AttachDialog workspace={workspace} onClose={() => setIsAttaching(false)} />
        </Suspense>
      )}
      {isNew && (
        <Suspense>
          <PublishDialog
            workspace={workspace}
            definition={FIRST_DEFINITION}
            runAs="user"
            onClose={() => setIsNew(false)}
          />
        </Suspense>
      )}
    </Page>
  );
}

/** A definition that can be published unchanged. */
const FIRST_DEFINITION = {
  StartAt: "Wait a moment",
  States: { "Wait a moment": { Type: "Wait", Seconds: 10, End: true } },
};

function FlowsTable({ workspace, flows }: { workspace: string; flows: readonly Flow[] }) {
  return (
    <DataTable
      label="Flows"
      minWidth={640}
      headings={["Status", "Flow", "Kind", "Version", "Queued", "Resumes", "Last changed"]}
    >
      {flows.map((flow) => (
        <Table.Tr key={flow.flowId}>
          <Table.Td>
            <FlowStatusBadge status={flow.status} />
          </Table.Td>
          <Table.Td>
            <PageLink size="sm" to="/$workspace/flows/$flowId" params={{ workspace, flowId: flow.flowId }}>
              {flow.name}
            </PageLink>
            {flow.name !== flow.flowId && (
              <Text size="xs" c="dimmed" ff="monospace">
                {flow.flowId}
              </Text>
            )}
          </Table.Td>
          <Table.Td>
            <FlowKind flow={flow} />
          </Table.Td>
          <Table.Td>{flow.version === 0 ? "None" : flow.version}</Table.Td>
          <Table.Td style={{ fontVariantNumeric: "tabular-nums" }}>{flow.queued}</Table.Td>
          <Table.Td>
            <Time at={flow.resumeAt} />
          </Table.Td>
          <Table.Td>
            <Time at={flow.updatedAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  );
}
