import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { ApiError } from "../../../../shared/client/api-error.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import type { RunAction } from "../../../../shared/model/transitions.ts";
import { useMay } from "../../api/people.ts";
import { useControlRun } from "../../api/runs.ts";
import { ReasonField } from "../../components/form-dialog.tsx";
import { session } from "../../session/session.ts";

/** The actions that both the run's status and the person's role allow. */
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
        onError: (error) =>
          setLacking(
            error instanceof ApiError && error.code === "running_user_lost_access" ? error : undefined,
          ),
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
            control.mutate({ action: "resume", rev: run.rev, override: true });
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
        <ReasonField
          label="Reason for cancellation (optional)"
          value={reason}
          onChange={setReason}
          autoFocus
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

/** Lets an administrator resume although the run's user lacks permissions; the audit trail records it. */
function OverrideDialog(props: { detail: string; onClose: () => void; onConfirm: () => void }) {
  return (
    <Modal opened onClose={props.onClose} title="Resume anyway?" centered>
      <Stack>
        <Text size="sm">{props.detail}</Text>
        <Text size="sm">
          As an administrator, you can grant these permissions to this run only. The audit trail records that
          you did.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Keep paused
          </Button>
          <Button onClick={props.onConfirm}>Resume with override</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
