import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconDeviceFloppy, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useDeleteView, useSaveView, viewsQuery } from "../../api/views.ts";
import { failed, succeeded } from "../../components/toasts.ts";

export interface ViewsMenuProps {
  readonly workspace: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly onOpen: (filter: Readonly<Record<string, unknown>>) => void;
}

/** Saved filters: one's own, and those that others share. */
export function ViewsMenu({ workspace, filter, onOpen }: ViewsMenuProps) {
  const views = useQuery(viewsQuery(workspace));
  const remove = useDeleteView(workspace);
  const [isSaving, saving] = useDisclosure(false);
  const items = views.data?.items ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            Views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {items.length === 0 && <Menu.Label>No saved views yet</Menu.Label>}
          {items.map((view) => (
            <Menu.Item
              key={`${view.owner}/${view.viewId}`}
              onClick={() => onOpen(view.filter)}
              rightSection={
                view.shared ? <IconUsers size={14} aria-label={`Shared by ${view.owner}`} /> : undefined
              }
            >
              {view.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconDeviceFloppy size={16} aria-hidden />}
            disabled={!isFiltered}
            onClick={saving.open}
          >
            Save these filters
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isSaving && (
        <SaveDialog workspace={workspace} filter={filter} onClose={saving.close}>
          {items
            .filter(({ mine }) => mine)
            .map((view) => (
              <Group key={view.viewId} justify="space-between" wrap="nowrap">
                <Text size="sm" truncate>
                  {view.name}
                </Text>
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={`Delete the view ${view.name}`}
                  onClick={() =>
                    remove.mutate(view.viewId, {
                      onError: (error) => failed("Failed to delete the view", error),
                    })
                  }
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
            ))}
        </SaveDialog>
      )}
    </>
  );
}

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

function SaveDialog(props: {
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
