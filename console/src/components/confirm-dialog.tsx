import { Button, Group, Modal, Stack, Text } from "@mantine/core";

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
  const { title, text, confirm, back = "Back", danger = false, onClose, onConfirm } = props;
  return (
    <Modal opened onClose={onClose} title={title} centered>
      <Stack>
        <Text size="sm">{text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {back}
          </Button>
          <Button
            {...(danger ? { color: "red" } : {})}
            onClick={() => {
              onClose();
              onConfirm();
            }}
          >
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
