import { Badge, Button, Code, Group, Paper, Switch, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Trigger } from "../../../../../shared/model/schemas/trigger.ts";
import { useMay } from "../../../api/people.ts";
import { lastRunQuery, triggersQuery, useDeleteTrigger, usePutTrigger } from "../../../api/triggers.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { EditAndRemove } from "../../../components/form-dialog.tsx";
import { PageLink } from "../../../components/links.tsx";
import { useRoughNow } from "../../../components/rough-now.ts";
import { Unloaded } from "../../../components/states.tsx";
import { Time } from "../../../components/time.tsx";
import { toasts } from "../../../components/toasts.ts";
import { nextFire, scheduleWords } from "./schedule.ts";
import { TriggerDialog } from "./trigger-dialog.tsx";
import { WHILE_HELD_TEXTS } from "./while-held.ts";

/** The flow's triggers: what they do, when next, and what they started last. Administrators change them. */
export default function Triggers({ workspace, flowId }: { workspace: string; flowId: string }) {
  const list = useQuery(triggersQuery(workspace, flowId));
  const mayChange = useMay("set-caps");
  const [edited, setEdited] = useState<Trigger | "new">();
  if (list.data === undefined) return <Unloaded query={list} height={90} label="Loading the triggers" />;
  const triggers = list.data;
  return (
    <Paper withBorder p="md" component="section" aria-label="Triggers">
      <Group justify="space-between" mb="xs">
        <Text fw={500} size="sm">
          Triggers
        </Text>
        {mayChange && (
          <Button size="compact-sm" variant="default" onClick={() => setEdited("new")}>
            Add a trigger
          </Button>
        )}
      </Group>
      {triggers.length === 0 ? (
        <Text size="sm" c="dimmed">
          No triggers. A trigger sends the flow a record at each time of a schedule.
        </Text>
      ) : (
        <DataTable
          label="Triggers"
          minWidth={820}
          headings={[
            "Trigger",
            "Schedule",
            "While held",
            "Next",
            "Last run",
            "Enabled",
            ...actionsIf(mayChange),
          ]}
        >
          {triggers.map((trigger) => (
            <TriggerRow
              key={trigger.triggerId}
              {...{ workspace, flowId, trigger, mayChange }}
              count={triggers.length}
              onEdit={() => setEdited(trigger)}
            />
          ))}
        </DataTable>
      )}
      {edited !== undefined && (
        <TriggerDialog
          {...{ workspace, flowId, triggers }}
          {...(edited === "new" ? {} : { trigger: edited })}
          onClose={() => setEdited(undefined)}
        />
      )}
    </Paper>
  );
}

const actionsIf = (mayChange: boolean): readonly undefined[] => (mayChange ? [undefined] : []);

interface RowProps {
  readonly workspace: string;
  readonly flowId: string;
  readonly trigger: Trigger;
  readonly mayChange: boolean;
  readonly count: number;
  readonly onEdit: () => void;
}

function TriggerRow({ workspace, flowId, trigger, mayChange, count, onEdit }: RowProps) {
  const { triggerId, schedule, timezone, whileHeld } = trigger;
  const words = scheduleWords(schedule);
  return (
    <Table.Tr data-trigger={triggerId}>
      <Table.Td className="any-break">{triggerId}</Table.Td>
      <Table.Td>
        <div>
          {words !== undefined && <div>{words}</div>}
          <Code className="any-break">{schedule}</Code>
          {schedule.startsWith("rate(") ? "" : ` ${timezone}`}
        </div>
      </Table.Td>
      <Table.Td>{WHILE_HELD_TEXTS[whileHeld].label}</Table.Td>
      <Table.Td>
        <NextTime trigger={trigger} />
      </Table.Td>
      <Table.Td>
        <LastRun {...{ workspace, flowId, triggerId, count }} />
      </Table.Td>
      <Table.Td>
        {mayChange ? (
          <EnabledSwitch {...{ workspace, flowId, trigger }} />
        ) : (
          <Badge tt="none" variant="light" color={trigger.enabled ? "green" : "gray"}>
            {trigger.enabled ? "enabled" : "disabled"}
          </Badge>
        )}
      </Table.Td>
      {mayChange && (
        <Table.Td>
          <RowActions {...{ workspace, flowId, trigger, onEdit }} />
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function NextTime({ trigger: { enabled, schedule, timezone, updatedAt } }: { trigger: Trigger }) {
  const now = useRoughNow();
  if (!enabled) return "Never while disabled";
  const next = nextFire({ schedule, timezone, since: Date.parse(updatedAt) }, now);
  if (next !== undefined) return <Time at={new Date(next).toISOString()} />;
  return schedule.startsWith("at(") ? "Never again" : "–";
}

function LastRun(props: { workspace: string; flowId: string; triggerId: string; count: number }) {
  const { workspace, flowId, triggerId, count } = props;
  const run = useQuery(lastRunQuery(workspace, flowId, triggerId, count)).data;
  if (run === undefined) return null;
  if (run === null) return "None";
  return (
    <Group gap="xs">
      <PageLink
        size="sm"
        to="/$workspace/monitoring/workflow-runs/$runId"
        params={{ workspace, runId: run.runId }}
      >
        {run.status}
      </PageLink>
      <Time at={run.createdAt} />
    </Group>
  );
}

function EnabledSwitch(props: { workspace: string; flowId: string; trigger: Trigger }) {
  const { workspace, flowId, trigger } = props;
  const put = usePutTrigger(workspace, flowId);
  const { triggerId, schedule, timezone, payload, whileHeld, enabled } = trigger;
  const body = { schedule, timezone, payload, whileHeld, enabled: !enabled };
  return (
    <Switch
      aria-label={`Enable ${triggerId}`}
      checked={enabled}
      disabled={put.isPending}
      onChange={() =>
        put.mutate(
          { triggerId, body, seen: trigger },
          toasts(enabled ? "Trigger disabled" : "Trigger enabled", "Failed to change the trigger"),
        )
      }
    />
  );
}

function RowActions(props: { workspace: string; flowId: string; trigger: Trigger; onEdit: () => void }) {
  const { workspace, flowId, trigger, onEdit } = props;
  const { triggerId } = trigger;
  const remove = useDeleteTrigger(workspace, flowId);
  return (
    <EditAndRemove
      subject={triggerId}
      remove="Delete"
      question={{
        title: "Delete trigger?",
        text: `${triggerId} sends no more records. Its runs stay, the queued ones too. To stop it for a while, disable it.`,
        confirm: "Delete trigger",
      }}
      busy={remove.isPending}
      onEdit={onEdit}
      onRemove={() => remove.mutate(trigger, toasts("Trigger deleted", "Failed to delete the trigger"))}
    />
  );
}
