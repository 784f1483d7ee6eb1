import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useSaveView } from "../../api/views.ts";
import { failed, succeeded } from "../../components/toasts.ts";

/** An id that people can read in a link: from the name, made unique. */
const idFor = (name: string): string => {
  const plain = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 30);
  return `${plain === "" ? "view" : plain}-${crypto.randomUUID().slice(0, 6)}`;
};

/** Names the filters; below, one's own views, to be deleted. */
export default function SaveViewDialog(props: {
  workspace: string;
  filter: Readonly<Record<string, unknown>>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { workspace, filter, onClose, children } = props;
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useSaveView(workspace);
  return (
    <Modal opened onClose={onClose} title="Save these filters" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(
            { viewId: idFor(name), name: name.trim(), filter, shared },
            {
              onSuccess: () => {
                succeeded("View saved");
                onClose();
              },
              onError: (error) => failed("Failed to save the view", error),
            },
          );
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            value={name}
            maxLength={100}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label="Share with everybody in the workspace"
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={save.isPending} disabled={name.trim() === ""}>
              Save view
            </Button>
          </Group>
          {children}
        </Stack>
      </form>
    </Modal>
  );
}
