import { Text, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Incident } from "../../../../shared/model/schemas/incident.ts";
import { useChangeIncident } from "../../api/incidents.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { counted } from "../../components/format.ts";
import { toasts } from "../../components/toasts.ts";
import { CanaryChoice, RampChoice, type RampFields, rampOf } from "../flow/holds/careful-choices.tsx";

const MAX_NOTE = 2_000;

interface IncidentDialogProps {
  readonly workspace: string;
  readonly incident: Incident;
  readonly onClose: () => void;
}

/** Adds a note to the timeline. */
export function NoteDialog({ workspace, incident, onClose }: IncidentDialogProps) {
  const change = useChangeIncident(workspace, incident.incidentId);
  const [text, setText] = useState("");
  const confirm = () =>
    change.mutate(
      { kind: "note", body: { text: text.trim() } },
      toasts("Note added", "Failed to add the note", onClose),
    );
  return (
    <FormDialog
      title="Add a note"
      confirm="Add note"
      busy={change.isPending}
      disabled={text.trim() === ""}
      onClose={onClose}
      onConfirm={confirm}
    >
      <NoteField label="Note" value={text} onChange={setText} autoFocus />
    </FormDialog>
  );
}

/** Resolves the incident: at once, with a few runs of each flow first, or slowly. */
export function ResolveDialog({ workspace, incident, onClose }: IncidentDialogProps) {
  const change = useChangeIncident(workspace, incident.incidentId);
  const [canary, setCanary] = useState<number | undefined>();
  const [ramp, setRamp] = useState<RampFields | undefined>();
  const [note, setNote] = useState("");
  const standing = incident.holds.filter(({ state }) => state === "held" || state === "placing").length;
  const confirm = () =>
    change.mutate(
      {
        kind: "resolve",
        body: {
          ...(canary === undefined ? {} : { canary }),
          ...(ramp === undefined ? {} : { ramp: rampOf(ramp) }),
          ...(note.trim() === "" ? {} : { note: note.trim() }),
        },
      },
      toasts("Incident resolved", "Failed to resolve the incident", onClose),
    );
  return (
    <FormDialog
      title="Resolve the incident?"
      confirm="Resolve incident"
      busy={change.isPending}
      onClose={onClose}
      onConfirm={confirm}
    >
      <Text size="sm">
        {standing === 0
          ? "It holds no flow now. No flow is held by it from now on."
          : `Its holds on ${counted(standing, "flow")} are lifted, and the runs that stand there continue. Other holds stay.`}{" "}
        An incident can be resolved once.
      </Text>
      <CanaryChoice
        count={canary}
        onChange={setCanary}
        description="In each flow. Its hold stays until they have completed, or wait for a timer or a person. If one fails, it stays until somebody resumes the flow. Where something else holds the flow too, the hold is lifted at once."
      />
      <RampChoice ramp={ramp} onChange={setRamp} />
      <NoteField label="Note (optional)" value={note} onChange={setNote} />
    </FormDialog>
  );
}

function NoteField(props: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  autoFocus?: boolean;
}) {
  const { label, value, onChange, autoFocus = false } = props;
  return (
    <Textarea
      label={label}
      autosize
      maxLength={MAX_NOTE}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...(autoFocus ? { "data-autofocus": true } : {})}
    />
  );
}
