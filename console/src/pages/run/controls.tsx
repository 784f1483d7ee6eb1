import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import type { RunAction } from "../../../../shared/model/transitions.ts";
import { ApiError } from "../../api/client.ts";
import { useMay } from "../../api/people.ts";
import { useControlRun } from "../../api/runs.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { session } from "../../session/session.ts";

const DONE: Readonly<Record<RunAction, string>> = {
  pause: "Workflow run paused",
  resume: "Workflow run resumed",
  cancel: "Workflow run cancelled",
};

/** The actions that the run's status allows, of those that the person may do. */
export function RunControls({ workspace, run }: { workspace: string; run: Run }) {
  const control = useControlRun(workspace, run.runId);
  const [lacking, setLacking] = useState<ApiError>();
  const mayOverride = useMay("override-access");
  const [isCancelling, cancelling] = useDisclosure(false);
  const mayControl = useMay("control-runs");
  const mayResume = useMay("resume-runs") && (mayControl || run.startedBy === session.current()?.userId);
  const act = (action: RunAction, reason?: string) =>
    control.mutate(
      { action, rev: run.rev, ...(reason === undefined || reason === "" ? {} : { reason }) },
      {
        onSuccess: () => succeeded(DONE[action]),
        onError: (error) => {
          failed(`Failed to ${action} workflow run`, error);
          setLacking(
            error instanceof ApiError && error.problem.code === "running_user_lost_access"
              ? error
              : undefined,
          );
        },
      },
    );
  const shows = (action: RunAction, may: boolean) => may && run.allowedActions.includes(action);
  const busy = (action: RunAction) => control.isPending && control.variables.action === action;
  return (
    <Group gap="xs">
      {shows("pause", mayControl) && (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          onClick={() => act("pause")}
          loading={busy("pause")}
        >
          Pause
        </Button>
      )}
      {shows("resume", mayResume) && run.pausedBy?.kind !== "flow" && (
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => act("resume")}
          loading={busy("resume")}
        >
          Resume
        </Button>
      )}
      {shows("cancel", mayControl) && (
        <Button
          color="red"
          variant="light"
          leftSection={<IconBan size={16} aria-hidden />}
          onClick={cancelling.open}
          loading={busy("cancel")}
        >
          Cancel
        </Button>
      )}
      {lacking !== undefined && mayOverride && (
        <OverrideDialog
          detail={lacking.message}
          onClose={() => setLacking(undefined)}
          onConfirm={() => {
            setLacking(undefined);
            control.mutate(
              { action: "resume", rev: run.rev, override: true },
              {
                onSuccess: () => succeeded(DONE.resume),
                onError: (error) => failed("Failed to resume workflow run", error),
              },
            );
          }}
        />
      )}
      <CancelDialog
        opened={isCancelling}
        onClose={cancelling.close}
        onConfirm={(reason) => {
          cancelling.close();
          act("cancel", reason);
        }}
      />
    </Group>
  );
}

function CancelDialog(props: { opened: boolean; onClose: () => void; onConfirm: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Cancel workflow run?" centered>
      <Stack>
        <Text size="sm">This will cancel all pending and running steps. This action cannot be undone.</Text>
        <TextInput
          label="Reason for cancellation (optional)"
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Keep running
          </Button>
          <Button color="red" onClick={() => props.onConfirm(reason.trim())}>
            Cancel run
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** An administrator may vouch for what the run's user lacks; the audit says so. */
function OverrideDialog(props: { detail: string; onClose: () => void; onConfirm: () => void }) {
  return (
    <Modal opened onClose={props.onClose} title="Resume all the same?" centered>
      <Stack>
        <Text size="sm">{props.detail}</Text>
        <Text size="sm">
          As an administrator you can vouch for these permissions, for this run alone. The audit trail will
          say that you did.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Leave it paused
          </Button>
          <Button onClick={props.onConfirm}>Resume with override</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
