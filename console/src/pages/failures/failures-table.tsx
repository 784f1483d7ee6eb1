import { Badge, Button, Menu, Table, Text } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { BulkAction } from "../../../../shared/model/bulk.ts";
import type { FailureGroup } from "../../../../shared/model/schemas/failure.ts";
import type { RunFilter } from "../../../../shared/model/schemas/run-filter.ts";
import { useMay } from "../../api/people.ts";
import type { AskedBulk } from "../../bulk/use-bulk-dialog.tsx";
import { VERBS } from "../../bulk/verbs.ts";
import { DataTable } from "../../components/data-table.tsx";
import { DropdownMenu } from "../../components/dropdown-menu.tsx";
import { counted } from "../../components/format.ts";
import { FlowLink, PageLink, RunLink } from "../../components/links.tsx";
import { Time } from "../../components/time.tsx";

interface GroupProps {
  readonly workspace: string;
  readonly onMend: (asked: AskedBulk) => void;
}

export function FailuresTable({
  groups,
  ...props
}: GroupProps & { readonly groups: readonly FailureGroup[] }) {
  return (
    <DataTable
      label="Failure groups"
      minWidth={900}
      headings={["Failure", "Flow", "Runs", "Versions", "First and last", "Example", undefined]}
    >
      {groups.map((group) => (
        <GroupRow key={group.failureId} group={group} {...props} />
      ))}
    </DataTable>
  );
}

function GroupRow({ workspace, group, onMend }: GroupProps & { readonly group: FailureGroup }) {
  const { failureId, flowId, error, state, cause, count, paused, versions } = group;
  return (
    <Table.Tr data-failure={failureId}>
      <Table.Td miw={240}>
        <Text size="sm" fw={500} className="any-break">
          {error}
          {state !== "" && ` in ${state}`}
        </Text>
        <Text size="sm" c="dimmed" lineClamp={3} className="any-break">
          {cause}
        </Text>
      </Table.Td>
      <Table.Td>
        <FlowLink workspace={workspace} flowId={flowId} />
      </Table.Td>
      <Table.Td>
        <PageLink
          size="sm"
          className="one-line"
          to="/$workspace/monitoring/workflow-runs"
          params={{ workspace }}
          search={{ failure: failureId }}
        >
          {counted(count, "run")}
        </PageLink>
        {paused > 0 && (
          <Text size="xs" c="dimmed" className="one-line">
            {paused === count ? "paused by the error" : `${paused.toLocaleString()} paused by the error`}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {versions.map((version) => (
          <Badge key={version} size="sm" variant="default" mr={4}>
            {version}
          </Badge>
        ))}
      </Table.Td>
      <Table.Td>
        <Time at={group.firstAt} />
        <br />
        <Time at={group.lastAt} />
      </Table.Td>
      <Table.Td>
        <RunLink workspace={workspace} runId={group.exampleRunId} size="xs" />
      </Table.Td>
      <Table.Td>
        <MendMenu group={group} onMend={onMend} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The actions for all runs of a group. Each is for the runs that it applies to. */
function MendMenu({
  group,
  onMend,
}: {
  readonly group: FailureGroup;
  readonly onMend: GroupProps["onMend"];
}) {
  const { failureId: failure, flowId, error, count, paused } = group;
  const mayControl = useMay("control-runs");
  const mayDelete = useMay("delete");
  const choices: readonly (readonly [BulkAction, boolean, number, RunFilter])[] = [
    ["resume", mayControl, paused, { failure, flowId, status: ["paused"] }],
    ["replay", mayControl, count - paused, { failure, flowId, status: ["failed"] }],
    ["delete", mayDelete, count, { failure, flowId }],
  ];
  const offered = choices.filter(([, may, runs]) => may && runs > 0);
  if (offered.length === 0) return null;
  return (
    <DropdownMenu
      button={
        <Button
          size="xs"
          variant="default"
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`Mend ${counted(count, "run")} with ${error}`}
        >
          Mend
        </Button>
      }
    >
      {offered.map(([action, , runs, filter]) => (
        <Menu.Item
          key={action}
          {...(action === "delete" ? { color: "red" } : {})}
          onClick={() => onMend({ action, target: { filter } })}
        >
          {`${VERBS[action]} ${counted(runs, "run")}`}
        </Menu.Item>
      ))}
    </DropdownMenu>
  );
}
