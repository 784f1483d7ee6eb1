import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Group,
  Menu,
  NavLink,
  Text,
  useMantineColorScheme,
  VisuallyHidden,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconChecklist,
  IconGitBranch,
  IconHome,
  IconInbox,
  IconLogout,
  IconMoon,
  IconPlayerPlay,
  IconSettings,
  IconStack2,
  IconSun,
  IconUser,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Permission } from "../../../shared/model/access.ts";
import { inboxCountQuery } from "../api/inbox.ts";
import { useGrants, useWorkspace } from "../api/people.ts";
import { DropdownMenu, MenuAction } from "../components/dropdown-menu.tsx";
import { Person } from "../components/person.tsx";
import { FindButton } from "../find/find-button.tsx";
import { signOut } from "../session/issuer.ts";
import { session } from "../session/session.ts";
import { Banners } from "./banners.tsx";
import { WorkspaceMenu } from "./workspace-menu.tsx";

/** Each section, with the permission that its page needs. */
const SECTIONS = [
  { to: "/$workspace", label: "Home", Icon: IconHome, needs: "read-runs" },
  { to: "/$workspace/monitoring/workflow-runs", label: "Runs", Icon: IconPlayerPlay, needs: "read-runs" },
  {
    to: "/$workspace/monitoring/attention",
    label: "Paused and failed",
    Icon: IconAlertCircle,
    needs: "read-runs",
  },
  { to: "/$workspace/monitoring/failures", label: "Failures", Icon: IconStack2, needs: "read-runs" },
  {
    to: "/$workspace/monitoring/bulk-operations",
    label: "Bulk operations",
    Icon: IconChecklist,
    needs: "control-runs",
  },
  { to: "/$workspace/flows", label: "Flows", Icon: IconGitBranch, needs: "read-flows" },
  { to: "/$workspace/incidents", label: "Incidents", Icon: IconAlertTriangle, needs: "read-flows" },
  { to: "/$workspace/inbox", label: "Inbox", Icon: IconInbox, needs: "complete-steps" },
  { to: "/$workspace/settings", label: "Settings", Icon: IconSettings, needs: "read-settings" },
] as const satisfies readonly { readonly needs: Permission; readonly [name: string]: unknown }[];

/** The header and navigation of every page. */
export function Frame() {
  const [open, { toggle, close }] = useDisclosure(false);
  const workspace = useWorkspace();
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !open, desktop: workspace === "" } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger
              opened={open}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
              aria-expanded={open}
            />
            <Link to="/" className="plain">
              <Text fw={700}>Sluice</Text>
            </Link>
            {workspace !== "" && <WorkspaceMenu workspace={workspace} />}
          </Group>
          <Group gap="xs" wrap="nowrap">
            {workspace !== "" && <FindButton workspace={workspace} />}
            <SchemeSwitch />
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Sections">
        {workspace !== "" && <Sections workspace={workspace} onGo={close} />}
      </AppShell.Navbar>
      <AppShell.Main>
        <Banners />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Sections({ workspace, onGo }: { workspace: string; onGo: () => void }) {
  const { pathname } = useLocation();
  const grants = useGrants();
  return SECTIONS.filter(({ needs }) => grants(needs)).map(({ to, label, Icon, needs }) => {
    const path = to.replace("$workspace", workspace);
    // Every address of the workspace begins with that of its home page.
    const isHere = to === "/$workspace" ? pathname.replace(/\/$/, "") === path : pathname.startsWith(path);
    return (
      <NavLink
        key={to}
        label={label}
        rightSection={needs === "complete-steps" && <InboxCount workspace={workspace} />}
        leftSection={<Icon size={18} aria-hidden />}
        active={isHere}
        aria-current={isHere ? "page" : undefined}
        onClick={onGo}
        renderRoot={(props) => (
          <Link to={to} params={{ workspace }} activeOptions={{ exact: to === "/$workspace" }} {...props} />
        )}
      />
    );
  });
}

/** The number of questions that wait for the person, read again when they go to another page. */
function InboxCount({ workspace }: { workspace: string }) {
  const { pathname } = useLocation();
  const { data, isStale, refetch } = useInfiniteQuery(inboxCountQuery(workspace));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another page is a reason
  useEffect(() => {
    if (isStale) void refetch();
  }, [pathname]);
  const count = data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0;
  if (count === 0) return null;
  return (
    <Badge size="sm" circle={count < 10}>
      {count}
      {data?.pages.at(-1)?.nextCursor !== undefined && "+"}
      <VisuallyHidden> waiting for you</VisuallyHidden>
    </Badge>
  );
}

function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === "dark" || (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      onClick={() => setColorScheme(isDark ? "light" : "dark")}
      aria-label={isDark ? "Use light colors" : "Use dark colors"}
    >
      {isDark ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
}

function PersonMenu() {
  return (
    <DropdownMenu
      button={
        <ActionIcon variant="subtle" color="gray" aria-label="Your account">
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      }
    >
      <Menu.Label>
        Signed in as <Person id={session.current()?.userId ?? ""} />
      </Menu.Label>
      <MenuAction Icon={IconLogout} onClick={signOut}>
        Sign out
      </MenuAction>
    </DropdownMenu>
  );
}
