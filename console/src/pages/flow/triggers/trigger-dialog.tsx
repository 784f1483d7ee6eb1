import { Alert, List, Switch, Text, TextInput } from "@mantine/core";
import { useId, useMemo, useState } from "react";
import { ApiError } from "../../../../../shared/client/api-error.ts";
import type { Trigger } from "../../../../../shared/model/schemas/trigger.ts";
import { DEFAULT_TIMEZONE, WHILE_HELD, type WhileHeld } from "../../../../../shared/model/triggers.ts";
import { usePutTrigger } from "../../../api/triggers.ts";
import { Choice } from "../../../components/choice.tsx";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { JsonField, parsedJson } from "../../../components/json-field.tsx";
import { useRoughNow } from "../../../components/rough-now.ts";
import { Time } from "../../../components/time.tsx";
import { failed, succeeded } from "../../../components/toasts.ts";
import { nextFire, scheduleWords } from "./schedule.ts";
import { WHILE_HELD_TEXTS } from "./while-held.ts";

const FIELDS = ["triggerId", "schedule", "timezone", "payload"] as const;
type Field = (typeof FIELDS)[number];

/** Creates a trigger, or edits the given one. The service's errors are shown at their fields. */
export function TriggerDialog(props: {
  workspace: string;
  flowId: string;
  trigger?: Trigger;
  /** All triggers of the flow, so that a new one does not replace another. */
  triggers: readonly Trigger[];
  onClose: () => void;
}) {
  const { workspace, flowId, trigger, triggers, onClose } = props;
  const [triggerId, setTriggerId] = useState(trigger?.triggerId ?? "");
  const [schedule, setSchedule] = useState(trigger?.schedule ?? "");
  const [timezone, setTimezone] = useState(trigger?.timezone ?? DEFAULT_TIMEZONE);
  const [whileHeld, setWhileHeld] = useState<WhileHeld>(trigger?.whileHeld ?? "queue");
  const [text, setText] = useState(JSON.stringify(trigger?.payload ?? {}, null, 2));
  const [enabled, setEnabled] = useState(trigger?.enabled ?? true);
  const put = usePutTrigger(workspace, flowId);
  const payload = parsedJson(text);
  const isTaken = trigger === undefined && triggers.some((other) => other.triggerId === triggerId);
  const { at, others } = errorsOf(put.error);
  const errorAt = (field: Field) => (at[field] === undefined ? {} : { error: at[field] });
  const save = () => {
    if (payload === undefined) return;
    const body = { schedule, timezone, payload: payload.value, whileHeld, enabled };
    put.mutate(
      { triggerId, body, seen: trigger },
      {
        onSuccess: () => {
          succeeded("Trigger saved");
          onClose();
        },
        onError: (error) => hasFields(error) || failed("Failed to save the trigger", error),
      },
    );
  };
  return (
    <FormDialog
      title={trigger === undefined ? "Add a trigger" : `Edit ${trigger.triggerId}`}
      confirm="Save trigger"
      size="lg"
      busy={put.isPending}
      disabled={triggerId === "" || isTaken || schedule === "" || timezone === "" || payload === undefined}
      onClose={onClose}
      onConfirm={save}
    >
      <TextInput
        label="Trigger ID"
        description="Lower-case letters, digits and hyphens. It cannot be changed later."
        value={triggerId}
        disabled={trigger !== undefined}
        maxLength={40}
        onChange={(event) => setTriggerId(event.currentTarget.value)}
        {...(isTaken
          ? { error: "The flow has a trigger with this ID. Edit that one." }
          : errorAt("triggerId"))}
      />
      <TextInput
        label="Schedule"
        description="cron(minutes hours day-of-month month day-of-week year), rate(5 minutes) or at(2030-01-31T09:00:00), as in EventBridge Scheduler"
        placeholder="cron(0 2 * * ? *)"
        value={schedule}
        maxLength={256}
        onChange={(event) => setSchedule(event.currentTarget.value)}
        {...errorAt("schedule")}
      />
      {!schedule.startsWith("rate(") && (
        <ZoneField value={timezone} onChange={setTimezone} {...errorAt("timezone")} />
      )}
      <SchedulePreview schedule={schedule} timezone={timezone} />
      <Choice
        label="While the flow is held, records are"
        value={whileHeld}
        options={WHILE_HELD.map((value) => ({ value, ...WHILE_HELD_TEXTS[value] }))}
        onChange={setWhileHeld}
      />
      <JsonField label="Payload of each record" value={text} onChange={setText} {...errorAt("payload")} />
      <Switch
        label="Enabled"
        checked={enabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      {others.length > 0 && (
        <Alert color="red" title="The trigger was not saved">
          <List size="sm">
            {others.map((message) => (
              <List.Item key={message}>{message}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </FormDialog>
  );
}

/** A text field that suggests the time zones that the browser knows. */
function ZoneField(props: { value: string; error?: string; onChange: (zone: string) => void }) {
  const { value, error, onChange } = props;
  const id = useId();
  const zones = useMemo(() => [...new Set([DEFAULT_TIMEZONE, ...Intl.supportedValuesOf("timeZone")])], []);
  return (
    <>
      <TextInput
        label="Time zone"
        description="A name such as Europe/Berlin"
        list={id}
        value={value}
        maxLength={64}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...(error === undefined ? {} : { error })}
      />
      <datalist id={id}>
        {zones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}

/** The schedule in words and its next time, while it is being written. Nothing for a text that is no schedule. */
function SchedulePreview({ schedule, timezone }: { schedule: string; timezone: string }) {
  const now = useRoughNow();
  const words = scheduleWords(schedule);
  const next = nextFire({ schedule, timezone, since: now }, now);
  if (words === undefined) return null;
  return (
    <Text size="sm" role="status">
      {words}
      {next === undefined ? "" : ". Next: "}
      {next !== undefined && <Time at={new Date(next).toISOString()} absolute />}
    </Text>
  );
}

const hasFields = (error: unknown): boolean =>
  error instanceof ApiError && error.problem.errors !== undefined;

interface Errors {
  readonly at: Readonly<Partial<Record<Field, string>>>;
  /** Errors of no field of this dialog. */
  readonly others: readonly string[];
}

const errorsOf = (error: unknown): Errors => {
  const errors = (error instanceof ApiError ? error.problem.errors : undefined) ?? [];
  const fieldOf = (path: string) => FIELDS.find((field) => path === field || path.startsWith(`${field}.`));
  return {
    at: Object.fromEntries(errors.flatMap(({ path, message }) => [[fieldOf(path) ?? "", message]])),
    others: errors.flatMap(({ path, message }) => (fieldOf(path) === undefined ? [message] : [])),
  };
};
