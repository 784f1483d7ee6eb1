import { Button, Group, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconPlayerPause, IconPlayerPlay, IconPlayerTrackNext } from "@tabler/icons-react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import type { RunAction } from "../../../../shared/model/transitions.ts";
import { useMay } from "../../api/people.ts";
import { useControlRun } from "../../api/runs.ts";
import { ReasonDialog } from "../../components/form-dialog.tsx";
import { isHalted } from "../../components/status.tsx";
import { useResume } from "../../repair/use-resume.tsx";

/** The actions that both the run's status and the person's role allow. For a run that an error paused, see `RepairChoices`. */
export function RunControls({ workspace, run }: { workspace: string; run: Run }) {
  const control = useControlRun(workspace, run.runId);
  const resume = useResume(workspace, run);
  const [isCancelling, cancelling] = useDisclosure(false);
  const mayControl = useMay("control-runs");
  const act = (action: "pause" | "cancel", reason = "") =>
    control.mutate({ action, rev: run.rev, body: reason === "" ? {} : { reason } });
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
      {resume.may && !isHalted(run) && (
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => resume.resume()}
          loading={resume.busy}
        >
          Resume
        </Button>
      )}
      {resume.may && (
        <Tooltip label="Resume for one step, then pause again">
          <Button
            variant="default"
            leftSection={<IconPlayerTrackNext size={16} aria-hidden />}
            onClick={() => resume.resume({ steps: 1 })}
            loading={resume.busy}
          >
            One step
          </Button>
        </Tooltip>
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
      {resume.dialog}
      {isCancelling && (
        <ReasonDialog
          title="Cancel workflow run?"
          text="This will cancel all pending and running steps. This action cannot be undone."
          label="Reason for cancellation (optional)"
          confirm="Cancel run"
          back="Keep running"
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
