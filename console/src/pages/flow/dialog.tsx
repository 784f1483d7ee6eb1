import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";

/** What every dialog of the page is opened with. */
export interface FlowDialogProps {
  readonly workspace: string;
  readonly flow: Flow;
  readonly onClose: () => void;
}

/** A question with a way to say yes and a way back. */
export function FlowDialog(props: {
  title: string;
  confirm: string;
  color?: string;
  busy: boolean;
  disabled?: boolean;
  onClose: () => void;
  onConfirm: () => void;
  children: ReactNode;
}) {
  const { title, confirm, color, busy, disabled = false, onClose, onConfirm, children } = props;
  return (
    <Modal opened onClose={onClose} title={title} centered>
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
        </Stack>
      </form>
    </Modal>
  );
}
