import { ConfirmDialog } from "./confirm-dialog.tsx";

const LOST =
  "The run is gone for ever, with its payload, steps, output and audit trail. It does not finish, and what was still to be done in it never happens. This action cannot be undone.";

/** Names what is lost before a run is deleted. */
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
