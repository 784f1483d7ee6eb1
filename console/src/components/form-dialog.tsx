import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { useUnsaved } from "./unsaved.ts";

/** A dialog with fields, a button to confirm and one to cancel. */
export function FormDialog(props: {
  title: string;
  confirm: string;
  back?: string;
  color?: string | undefined;
  size?: "lg";
  busy?: boolean;
  disabled?: boolean;
  onClose: () => void;
  onConfirm: () => void;
  children: ReactNode;
  /** Content below the buttons. */
  below?: ReactNode;
}) {
  const { title, confirm, back = "Back", color, size, busy = false, disabled = false } = props;
  const { onClose, onConfirm, children, below } = props;
  const { guard, watch } = useUnsaved();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      {...guard}
      {...(size === undefined ? {} : { size })}
    >
      <form
        {...watch}
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack>
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {back}
            </Button>
            <Button
              type="submit"
              loading={busy}
              disabled={disabled}
              {...(color === undefined ? {} : { color })}
            >
              {confirm}
            </Button>
          </Group>
          {below}
        </Stack>
      </form>
    </Modal>
  );
}

/** Asks for confirmation; `danger` marks an action that cannot be undone. */
export function ConfirmDialog(props: {
  title: string;
  text: string;
  confirm: string;
  back?: string;
  danger?: boolean;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const { text, danger = false, onConfirm, ...dialog } = props;
  const confirm = () => {
    dialog.onClose();
    onConfirm();
  };
  return (
    <FormDialog {...dialog} color={danger ? "red" : undefined} onConfirm={confirm}>
      <Text size="sm">{text}</Text>
    </FormDialog>
  );
}

/** Asks for confirmation of an action that cannot be undone, and for an optional reason. */
export function ReasonDialog(props: {
  title: string;
  text: string;
  label?: string;
  confirm: string;
  back: string;
  onClose: () => void;
  onConfirm: (reason: string) => void;
}) {
  const { text, label, onConfirm, ...dialog } = props;
  const [reason, setReason] = useState("");
  return (
    <FormDialog {...dialog} color="red" onConfirm={() => onConfirm(reason.trim())}>
      <Text size="sm">{text}</Text>
      <ReasonField
        {...(label === undefined ? {} : { label })}
        value={reason}
        onChange={setReason}
        autoFocus
      />
    </FormDialog>
  );
}

/** An optional reason for the audit trail. */
export function ReasonField(props: {
  label?: string;
  value: string;
  onChange: (reason: string) => void;
  autoFocus?: boolean;
}) {
  const { label = "Reason (optional)", value, onChange, autoFocus = false } = props;
  return (
    <TextInput
      label={label}
      value={value}
      maxLength={1_000}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...(autoFocus ? { "data-autofocus": true } : {})}
    />
  );
}

/** Properties of every dialog on the flow's page. */
export interface FlowDialogProps {
  readonly workspace: string;
  readonly flow: Flow;
  readonly onClose: () => void;
}

/** The buttons of a row whose subject can be edited, and removed after a question. */
export function EditAndRemove(props: {
  subject: string;
  /** The button's word: `Delete` or `Remove`. */
  remove: string;
  question: { readonly title: string; readonly text: string; readonly confirm: string };
  busy: boolean;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const { subject, remove, question, busy, onEdit, onRemove } = props;
  const [isConfirming, setIsConfirming] = useState(false);
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Edit ${subject}`}>
        Edit
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        loading={busy}
        onClick={() => setIsConfirming(true)}
        aria-label={`${remove} ${subject}`}
      >
        {remove}
      </Button>
      {isConfirming && (
        <ConfirmDialog {...question} danger onClose={() => setIsConfirming(false)} onConfirm={onRemove} />
      )}
    </Group>
  );
}
