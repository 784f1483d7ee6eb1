import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";

/** A dialog with fields, a button to confirm and one to cancel. */
export function FormDialog(props: {
  title: string;
  confirm: string;
  color?: string;
  size?: "lg";
  busy: boolean;
  disabled?: boolean;
  onClose: () => void;
  onConfirm: () => void;
  children: ReactNode;
  /** Content below the buttons. */
  below?: ReactNode;
}) {
  const { title, confirm, color, size, busy, disabled = false, onClose, onConfirm, children, below } = props;
  return (
    <Modal opened onClose={onClose} title={title} centered {...(size === undefined ? {} : { size })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack>
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
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
