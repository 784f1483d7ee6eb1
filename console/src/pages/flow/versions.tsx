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
import { DataTable, ShowMore } from "../../components/data-table.tsx";
import { ConfirmDialog } from "../../components/form-dialog.tsx";
import { Person } from "../../components/person.tsx";
import { Unloaded } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { toasts } from "../../components/toasts.ts";
import { LazyFlowGraph } from "../../graph/lazy-flow-graph.tsx";
import { JsonView } from "../../json/json-view.tsx";

const DefinitionDiff = lazy(() => import("../../editor/definition-diff.tsx"));
const PublishDialog = lazy(() => import("./publish-dialog.tsx"));
const HEIGHT = 480;

type Display = "graph" | "definition" | "diff";

/** The flow's versions, each with its graph, definition and changes, and the one that new runs start on. */
export function Versions({ workspace, flow }: { workspace: string; flow: Flow }) {
  const list = useInfiniteQuery(versionsQuery(workspace, flow.flowId));
  const versions = list.data?.pages.flatMap((page) => page.items) ?? [];
  const [chosen, setChosen] = useState<number>();
  const shown = chosen ?? (flow.version > 0 ? flow.version : versions[0]?.version);
  if (list.data === undefined) return <Unloaded query={list} height={HEIGHT} label="Loading versions" />;
  return (
    <Stack>
      <DataTable label="Versions" minWidth={520} headings={["Version", "Published", "By", undefined]}>
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
      </DataTable>
      <ShowMore list={list} />
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
      toasts(`Version ${version.version} is active`, "Failed to activate the version"),
    );
  const isActive = version.version === flow.version;
  const isRollback = version.version < flow.version;
  const [isConfirming, setIsConfirming] = useState(false);
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
      <Table.Td>
        <Person id={version.createdBy} />
      </Table.Td>
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
          {mayPublish && !isActive && flow.kind === "managed" && (
            <Button
              size="compact-sm"
              variant="default"
              loading={change.isPending}
              onClick={() => setIsConfirming(true)}
            >
              {isRollback ? "Roll back" : "Activate"}
            </Button>
          )}
          {isConfirming && (
            <ConfirmDialog
              title={
                isRollback
                  ? `Roll back to version ${version.version}?`
                  : `Activate version ${version.version}?`
              }
              text="New runs start on this version. Current runs stay on theirs."
              confirm={isRollback ? "Roll back" : "Activate"}
              onClose={() => setIsConfirming(false)}
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
  const [display, setDisplay] = useState<Display>("graph");
  const [isPublishing, setIsPublishing] = useState(false);
  const [against, setAgainst] = useState(version - 1);
  const mayPublish = useMay("publish");
  const query = useQuery(versionQuery(workspace, flow.flowId, version));
  const { data } = query;
  if (data === undefined) return <Unloaded query={query} height={HEIGHT} label="Loading the version" />;
  return (
    <Stack>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="Display"
          value={display}
          onChange={(value) => setDisplay(value as Display)}
          data={[
            { value: "graph", label: "Graph" },
            { value: "definition", label: "Definition" },
            { value: "diff", label: "Changes", disabled: versions.length < 2 },
          ]}
        />
        {mayPublish && flow.kind === "managed" && (
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
        {display === "graph" && <LazyFlowGraph definition={data.definition} height={HEIGHT} />}
        {display === "definition" && <JsonView label="Definition" value={data.definition} />}
        {display === "diff" && (
          <Stack gap="xs">
            <NativeSelect
              label="Compare with"
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
            source={data.source}
            substitutions={data.substitutions}
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
  const query = useQuery(versionQuery(workspace, flowId, before));
  const { data } = query;
  if (data === undefined) return <Unloaded query={query} height={HEIGHT} label="Loading the other version" />;
  return (
    <DefinitionDiff
      key={before}
      label={`Changes from version ${before} to version ${after.version}`}
      before={JSON.stringify(data.definition, null, 2)}
      after={JSON.stringify(after.definition, null, 2)}
      height={HEIGHT}
    />
  );
}
