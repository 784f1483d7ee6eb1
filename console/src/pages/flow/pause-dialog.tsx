import { Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useChangeFlow } from "../../api/flows.ts";
import { serverNow } from "../../api/server-time.ts";
import { localTimeText } from "../../components/local-time.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { FlowDialog, type FlowDialogProps } from "./dialog.tsx";

/** The server's rule: a flow is paused for 14 days at most. */
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
        ? "At most 14 days ahead"
        : at <= serverNow()
          ? "This time is over"
          : undefined;
  const pause = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: {
          kind: "pause",
          mode,
          ...(at === undefined ? {} : { resumeAt: new Date(at).toISOString() }),
          ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
        },
      },
      {
        onSuccess: () => {
          succeeded("Flow paused");
          onClose();
        },
        onError: (error) => failed("Failed to pause flow", error),
      },
    );
  return (
    <FlowDialog
      title="Pause flow?"
      confirm="Pause flow"
      busy={change.isPending}
      disabled={fault !== undefined}
      onClose={onClose}
      onConfirm={pause}
    >
      <Text size="sm">
        Runs under way remain frozen in their existing state at their next step. A step in progress finishes,
        and its result is kept.
      </Text>
      <Radio.Group
        label="New records"
        value={mode}
        onChange={(value) => setMode(value === "reject" ? "reject" : "queue")}
      >
        <Stack gap="xs" mt={4}>
          <Radio
            value="queue"
            label="Queue them"
            description="They are accepted and marked as queued, without a limit, and start after the resume."
          />
          <Radio
            value="reject"
            label="Refuse them"
            description="Whoever sends one is told that the flow is held."
          />
        </Stack>
      </Radio.Group>
      <TextInput
        type="datetime-local"
        label="Resume by itself at"
        description="Left empty: after exactly 14 days, the longest that a flow stays paused."
        value={until}
        min={localTimeText(serverNow())}
        max={localTimeText(latest)}
        error={fault}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      <TextInput
        label="Reason (optional)"
        value={reason}
        maxLength={1_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FlowDialog>
  );
}
