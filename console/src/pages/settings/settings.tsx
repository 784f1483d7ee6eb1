import { Container, Stack, Tabs, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { Members } from "./members.tsx";
import { WorkspaceForm } from "./workspace-form.tsx";

export function SettingsPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/settings" });
  return (
    <Container size="lg" px={0}>
      <Stack>
        <Title order={1} size="h3">
          Settings
        </Title>
        <Tabs defaultValue="members" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="members">Members</Tabs.Tab>
            <Tabs.Tab value="workspace">Workspace</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="members" pt="md">
            <Members workspace={workspace} />
          </Tabs.Panel>
          <Tabs.Panel value="workspace" pt="md">
            <WorkspaceForm workspace={workspace} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Container>
  );
}
