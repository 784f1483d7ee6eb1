import { isTerminal, type RunStatus } from "../../../../shared/model/transitions.ts";
import { ConfirmDialog } from "../form-dialog.tsx";

const LOST = "This permanently deletes the run with its payload, steps, output and audit trail.";
const STOPPED = "The run does not continue, and its remaining steps never happen.";
const FINAL = "This action cannot be undone.";

/** Asks before a run is deleted, and says what is lost. A run that has ended loses no steps. */
export default function DeleteRunDialog({
  status,
  ...dialog
}: {
  status: RunStatus;
  onClose: () => void;
  onConfirm: () => void;
}) {
  return (
    <ConfirmDialog
      title="Delete workflow run?"
      text={[LOST, ...(isTerminal(status) ? [] : [STOPPED]), FINAL].join(" ")}
      confirm="Delete run"
      back="Keep run"
      danger
      {...dialog}
    />
  );
}
