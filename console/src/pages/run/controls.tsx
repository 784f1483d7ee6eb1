import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { ApiError } from "../../../../shared/client/api-error.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import type { RunAction } from "../../../../shared/model/transitions.ts";
import { useMay } from "../../api/people.ts";
import { useControlRun } from "../../api/runs.ts";
import { FormDialog, ReasonField } from "../../components/form-dialog.tsx";
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
      {isCancelling && (
        <CancelDialog
          onClose={cancelling.close}
          onConfirm={(reason) => {
            cancelling.close();
            act("cancel", reason);
          }}
        />
      )}
    </Group>
  );
}

function CancelDialog(props: { onClose: () => void; onConfirm: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  return (
    <FormDialog
      title="Cancel workflow run?"
      confirm="Cancel run"
      back="Keep running"
      color="red"
      onClose={props.onClose}
      onConfirm={() => props.onConfirm(reason.trim())}
    >
      <Text size="sm">This will cancel all pending and running steps. This action cannot be undone.</Text>
      <ReasonField label="Reason for cancellation (optional)" value={reason} onChange={setReason} autoFocus />
    </FormDialog>
  );
}

/** Lets an administrator resume although the run's user lacks permissions; the audit trail records it. */
function OverrideDialog({
  detail,
  ...dialog
}: {
  detail: string;
  onClose: () => void;
  onConfirm: () => void;
}) {
  return (
    <FormDialog title="Resume anyway?" confirm="Resume with override" back="Keep paused" {...dialog}>
      <Text size="sm">{detail}</Text>
      <Text size="sm">
        As an administrator, you can grant these permissions to this run only. The audit trail records that
        you did.
      </Text>
    </FormDialog>
  );
}
