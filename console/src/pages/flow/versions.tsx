import {
  Badge,
  Button,
  Group,
  NativeSelect,
  SegmentedControl,
  Skeleton,
  Stack,
  Table,
  Text,
} from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Flow, FlowVersion } from "../../../../shared/model/schemas/flow.ts";
import { useChangeFlow, versionQuery, versionsQuery } from "../../api/flows.ts";
import { useMay } from "../../api/people.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Failure, Loading } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { JsonView } from "../run/json-view.tsx";

const FlowGraph = lazy(() => import("../../graph/flow-graph.tsx"));
const DefinitionDiff = lazy(() => import("../../editor/definition-diff.tsx"));
const PublishDialog = lazy(() => import("./publish-dialog.tsx"));
const HEIGHT = 480;

type Way = "graph" | "definition" | "diff";

/** The flow's versions: each with its picture, its text and what changed; and which of them new runs start on. */
export function Versions({ workspace, flow }: { workspace: string; flow: Flow }) {
  const list = useInfiniteQuery(versionsQuery(workspace, flow.flowId));
  const versions = list.data?.pages.flatMap((page) => page.items) ?? [];
  const [chosen, setChosen] = useState<number>();
  const shown = chosen ?? (flow.version > 0 ? flow.version : versions[0]?.version);
  if (list.isPending) return <Loading height={HEIGHT} label="Loading versions" />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => list.refetch()} />;
  return (
    <Stack>
      <Table.ScrollContainer minWidth={520}>
        <Table aria-label="Versions">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Version</Table.Th>
              <Table.Th>Published</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((version) => (
              <VersionRow
                key={version.version}
                workspace={workspace}
                flow={flow}
                version={version}
                isShown={version.version === shown}
                onShow={() => setChosen(version.version)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
      {shown !== undefined && (
        <OneVersion workspace={workspace} flow={flow} version={shown} versions={versions} key={shown} />
      )}
    </Stack>
  );
}

function VersionRow(props: {
  workspace: string;
  flow: Flow;
  version: FlowVersion;
  isShown: boolean;
  onShow: () => void;
}) {
  const { workspace, flow, version, isShown, onShow } = props;
  const mayPublish = useMay("publish");
  const change = useChangeFlow(workspace, flow.flowId);
  const activate = () =>
    change.mutate(
      { rev: flow.rev, change: { kind: "activate", version: version.version } },
      {
        onSuccess: () => succeeded(`Version ${version.version} is active`),
        onError: (error) => failed("Failed to activate the version", error),
      },
    );
  const isActive = version.version === flow.version;
  const isBack = version.version < flow.version;
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Table.Tr {...(isShown ? { bg: "var(--mantine-primary-color-light)" } : {})}>
      <Table.Td>
        <Group gap="xs">
          {version.version}
          {isActive && <Badge tt="none">active</Badge>}
        </Group>
      </Table.Td>
      <Table.Td>
        <Time at={version.createdAt} />
      </Table.Td>
      <Table.Td>{version.createdBy}</Table.Td>
      <Table.Td>
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button
            size="compact-sm"
            variant="default"
            onClick={onShow}
            aria-label={`Show version ${version.version}`}
          >
            Show
          </Button>
          {mayPublish && !isActive && (
            <Button
              size="compact-sm"
              variant="default"
              loading={change.isPending}
              onClick={() => setIsAsking(true)}
            >
              {isBack ? "Roll back" : "Activate"}
            </Button>
          )}
          {isAsking && (
            <ConfirmDialog
              title={
                isBack ? `Roll back to version ${version.version}?` : `Activate version ${version.version}?`
              }
              text="New runs start on it. Runs under way stay on theirs."
              confirm={isBack ? "Roll back" : "Activate"}
              onClose={() => setIsAsking(false)}
              onConfirm={activate}
            />
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function OneVersion(props: {
  workspace: string;
  flow: Flow;
  version: number;
  versions: readonly FlowVersion[];
}) {
  const { workspace, flow, version, versions } = props;
  const [way, setWay] = useState<Way>("graph");
  const [isPublishing, setIsPublishing] = useState(false);
  const [against, setAgainst] = useState(version - 1);
  const mayPublish = useMay("publish");
  const { data, error, refetch } = useQuery(versionQuery(workspace, flow.flowId, version));
  if (data === undefined)
    return error === null ? <Skeleton height={HEIGHT} /> : <Failure error={error} retry={() => refetch()} />;
  return (
    <Stack>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="How to show the version"
          value={way}
          onChange={(value) => setWay(value as Way)}
          data={[
            { value: "graph", label: "Graph" },
            { value: "definition", label: "Definition" },
            { value: "diff", label: "Changes", disabled: versions.length < 2 },
          ]}
        />
        {mayPublish && (
          <Button variant="default" onClick={() => setIsPublishing(true)}>
            Edit and publish
          </Button>
        )}
      </Group>
      {data.warnings.map((warning) => (
        <Text key={warning} size="sm" c="dimmed">
          {warning}
        </Text>
      ))}
      <Suspense fallback={<Skeleton height={HEIGHT} />}>
        {way === "graph" && <FlowGraph definition={data.definition} height={HEIGHT} />}
        {way === "definition" && <JsonView label="Definition" value={data.definition} />}
        {way === "diff" && (
          <Stack gap="xs">
            <NativeSelect
              label="Compared with"
              w={200}
              data={versions
                .filter((other) => other.version !== version)
                .map((other) => ({ value: String(other.version), label: `Version ${other.version}` }))}
              value={String(against)}
              onChange={(event) => setAgainst(Number(event.currentTarget.value))}
            />
            <Changes workspace={workspace} flowId={flow.flowId} before={against} after={data} />
          </Stack>
        )}
        {isPublishing && (
          <PublishDialog
            workspace={workspace}
            flowId={flow.flowId}
            definition={data.definition}
            runAs={flow.runAs}
            onClose={() => setIsPublishing(false)}
          />
        )}
      </Suspense>
    </Stack>
  );
}

function Changes(props: { workspace: string; flowId: string; before: number; after: FlowVersion }) {
  const { workspace, flowId, before, after } = props;
  const { data, error, refetch } = useQuery(versionQuery(workspace, flowId, before));
  if (data === undefined)
    return error === null ? <Skeleton height={HEIGHT} /> : <Failure error={error} retry={() => refetch()} />;
  return (
    <DefinitionDiff
      label={`Changes from version ${before} to version ${after.version}`}
      before={JSON.stringify(data.definition, null, 2)}
      after={JSON.stringify(after.definition, null, 2)}
      height={HEIGHT}
    />
  );
}
