import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconDeviceFloppy, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { ViewFilter } from "../../../../shared/model/schemas/run-filter.ts";
import { useDeleteView, viewsQuery } from "../../api/runs.ts";
import { DropdownMenu, MenuAction } from "../../components/dropdown-menu.tsx";
import { failed } from "../../components/toasts.ts";

const SaveDialog = lazy(() => import("./save-view-dialog.tsx"));

export interface ViewsMenuProps {
  readonly workspace: string;
  readonly filter: ViewFilter;
  readonly onOpen: (filter: ViewFilter) => void;
}

/** Saved filters: the person's own and shared ones. */
export function ViewsMenu({ workspace, filter, onOpen }: ViewsMenuProps) {
  const views = useQuery(viewsQuery(workspace));
  const remove = useDeleteView(workspace);
  const [isSaving, saving] = useDisclosure(false);
  const items = views.data?.items ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <DropdownMenu
        width={280}
        button={
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            Views
          </Button>
        }
      >
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
        <MenuAction Icon={IconDeviceFloppy} disabled={!isFiltered} onClick={saving.open}>
          Save these filters
        </MenuAction>
      </DropdownMenu>
      {isSaving && (
        <Suspense>
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
        </Suspense>
      )}
    </>
  );
}
