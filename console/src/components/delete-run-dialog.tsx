import { ConfirmDialog } from "./form-dialog.tsx";

const LOST =
  "This permanently deletes the run with its payload, steps, output and audit trail. The run does not continue, and its remaining steps never happen. This action cannot be undone.";

/** Asks before a run is deleted, and says what is lost. */
export default function DeleteRunDialog(props: { onClose: () => void; onConfirm: () => void }) {
  return (
    <ConfirmDialog
      title="Delete workflow run?"
      text={LOST}
      confirm="Delete run"
      back="Keep run"
      danger
      {...props}
    />
  );
}
