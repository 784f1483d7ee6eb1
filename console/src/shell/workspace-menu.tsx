import { Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconArrowsExchange, IconBuilding, IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { meQuery } from "../api/people.ts";
import { DropdownMenu, MenuAction } from "../components/dropdown-menu.tsx";
import { session } from "../session/session.ts";

const MAX_KNOWN = 10;

/** The name of the workspace, and a menu of those that the person has opened on this computer. */
export function WorkspaceMenu({ workspace }: { workspace: string }) {
  const userId = session.current()?.userId ?? "";
  const { data: me } = useQuery(meQuery(workspace));
  const [known, setKnown] = useLocalStorage<readonly string[]>({
    key: `sluice.workspaces.${userId}`,
    defaultValue: [],
  });
  const isMember = me?.userId === userId;
  useEffect(() => {
    // An address of a workspace that the person does not belong to is not worth remembering.
    if (isMember)
      setKnown((list) => [workspace, ...list.filter((one) => one !== workspace)].slice(0, MAX_KNOWN));
  }, [workspace, isMember, setKnown]);
  const navigate = useNavigate();
  return (
    <DropdownMenu
      button={
        <UnstyledButton aria-label={`Workspace ${workspace}`} style={{ minWidth: 0 }}>
          <Group gap={4} wrap="nowrap">
            <Text c="dimmed" truncate>
              {workspace}
            </Text>
            <IconChevronDown size={14} aria-hidden />
          </Group>
        </UnstyledButton>
      }
    >
      <Menu.Label>Workspaces opened on this computer</Menu.Label>
      {known.map((one) => (
        <MenuAction
          key={one}
          Icon={IconBuilding}
          disabled={one === workspace}
          onClick={() => navigate({ to: "/$workspace", params: { workspace: one } })}
        >
          {one}
        </MenuAction>
      ))}
      <Menu.Divider />
      <MenuAction Icon={IconArrowsExchange} onClick={() => navigate({ to: "/", search: { choose: true } })}>
        Another workspace…
      </MenuAction>
    </DropdownMenu>
  );
}
