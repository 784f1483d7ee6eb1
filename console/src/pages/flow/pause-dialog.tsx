import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { serverNow } from "../../api/client.ts";
import { useChangeFlow } from "../../api/flows.ts";
import { Choice } from "../../components/choice.tsx";
import { type FlowDialogProps, FormDialog, ReasonField } from "../../components/form-dialog.tsx";
import { localTimeText } from "../../components/format.ts";
import { toasts } from "../../components/toasts.ts";

/** The service resumes a flow after 14 days at the latest. */
const MAX_MS = 14 * 86_400_000;

export function PauseDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const change = useChangeFlow(workspace, flow.flowId);
  const [mode, setMode] = useState<"queue" | "reject">("queue");
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const latest = serverNow() + MAX_MS;
  const at = until === "" ? undefined : new Date(until).getTime();
  const fault =
    at === undefined
      ? undefined
      : at > latest
        ? "Must be at most 14 days from now"
        : at <= serverNow()
          ? "Must be in the future"
          : undefined;
  const pause = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: {
          kind: "pause",
          body: {
            mode,
            ...(at === undefined ? {} : { resumeAt: new Date(at).toISOString() }),
            ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
          },
        },
      },
      toasts("Flow paused", "Failed to pause flow", onClose),
    );
  return (
    <FormDialog
      title="Pause flow?"
      confirm="Pause flow"
      busy={change.isPending}
      disabled={fault !== undefined}
      onClose={onClose}
      onConfirm={pause}
    >
      <Text size="sm">
        Each run stops at its next step, and current runs remain frozen in their existing state. A step in
        progress finishes, and its result is kept.
      </Text>
      <Choice
        label="New records"
        value={mode}
        options={[
          {
            value: "queue",
            label: "Queue them",
            description:
              "Records are accepted and queued, without a limit, and start after the flow resumes.",
          },
          {
            value: "reject",
            label: "Reject them",
            description: "Callers get an error saying that the flow is paused.",
          },
        ]}
        onChange={setMode}
      />
      <TextInput
        type="datetime-local"
        label="Resume automatically at"
        description="If empty, the flow resumes after 14 days, the longest possible pause."
        value={until}
        min={localTimeText(serverNow())}
        max={localTimeText(latest)}
        error={fault}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      <ReasonField value={reason} onChange={setReason} />
    </FormDialog>
  );
}
