import { Checkbox, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { serverNow } from "../../api/client.ts";
import { firstFlowsQuery } from "../../api/home.ts";
import { type AskedHolds, type IncidentBody, useOpenIncident } from "../../api/incidents.ts";
import { useMay } from "../../api/people.ts";
import { Choice } from "../../components/choice.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { isoIn, TimeField, timeFault, timeIn } from "../../components/time-field.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { HoldsPreview } from "./holds-preview.tsx";

const MAX_MS = 14 * 86_400_000;
const MAX_TITLE = 200;
const MAX_NOTE = 2_000;
const MODES = [
  { value: "queue", label: "Queue them" },
  { value: "reject", label: "Reject them" },
] as const;

/** Opens an incident and goes to its page. A second click or a retry opens no second one. */
export function OpenDialog({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const [title, setTitle] = useState("");
  const [resources, setResources] = useState<string[]>([]);
  const [flows, setFlows] = useState<string[]>([]);
  const [isAll, setIsAll] = useState(false);
  const [mode, setMode] = useState<"queue" | "reject">("queue");
  const [until, setUntil] = useState("");
  const [note, setNote] = useState("");
  const [now] = useState(serverNow);
  const mayHoldAll = useMay("set-caps");
  const known = useQuery(firstFlowsQuery(workspace)).data?.items ?? [];
  const open = useOpenIncident(workspace);
  const navigate = useNavigate();
  const end = timeIn(until);
  const endFault = timeFault(end, now, now + MAX_MS, "Must be at most 14 days from now");
  const asked: AskedHolds = isAll
    ? { all: true }
    : { ...(flows.length === 0 ? {} : { flows }), ...(resources.length === 0 ? {} : { resources }) };
  const isNamed = Object.keys(asked).length > 0;
  const holdsWhole = isAll || flows.length > 0;
  const resumeAt = isoIn(end);
  const body: IncidentBody = {
    ...{ title: title.trim(), ...asked },
    ...(holdsWhole ? { mode } : {}),
    ...(resumeAt === undefined ? {} : { resumeAt }),
    ...(note.trim() === "" ? {} : { note: note.trim() }),
  };
  const content = JSON.stringify(body);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a different request is a different incident
  const key = useMemo(() => crypto.randomUUID(), [content]);
  const confirm = () =>
    open.mutate(
      { body, key },
      {
        onSuccess: ({ incidentId }) => {
          succeeded("Incident opened");
          navigate({ to: "/$workspace/incidents/$incidentId", params: { workspace, incidentId } });
        },
        onError: (error) => failed("Failed to open the incident", error),
      },
    );
  return (
    <FormDialog
      title="Open an incident"
      confirm="Open incident"
      size="lg"
      busy={open.isPending}
      disabled={body.title === "" || !isNamed || endFault !== undefined}
      onClose={onClose}
      onConfirm={confirm}
    >
      <TextInput
        label="Title"
        description="The reason. Everyone reads it wherever a flow or a run is held."
        required
        maxLength={MAX_TITLE}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        data-autofocus
      />
      {!isAll && (
        <>
          <TagsInput
            label="What is broken"
            description="Names, ARNs or URLs of what steps call, such as charge-card. Only the steps that call it are held, in every flow. Press Enter to add one."
            value={resources}
            onChange={setResources}
          />
          <TagsInput
            label="Whole flows (optional)"
            description="IDs of flows that are held as a whole. Press Enter to add one."
            data={known.map(({ flowId }) => flowId)}
            value={flows}
            onChange={setFlows}
          />
        </>
      )}
      {mayHoldAll && (
        <Checkbox
          label="Hold every flow of the workspace"
          checked={isAll}
          onChange={(event) => setIsAll(event.currentTarget.checked)}
        />
      )}
      {holdsWhole && (
        <Choice label="New records of whole flows" inRow value={mode} options={MODES} onChange={setMode} />
      )}
      <Textarea
        label="Note (optional)"
        description="The first entry of the timeline."
        autosize
        maxLength={MAX_NOTE}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <TimeField
        label="Resolve automatically at"
        description="If empty, the incident is resolved after 14 days, the longest possible time."
        value={until}
        after={now}
        latest={now + MAX_MS}
        fault={endFault}
        onChange={setUntil}
      />
      {isNamed && <HoldsPreview workspace={workspace} asked={asked} />}
    </FormDialog>
  );
}
