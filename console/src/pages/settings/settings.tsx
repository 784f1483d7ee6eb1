import { Container, Stack, Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { TabsOf } from "../../components/tabs-of.tsx";
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
        <TabsOf
          tabs={{
            members: ["Members", <Members key="members" workspace={workspace} />],
            workspace: ["Workspace", <WorkspaceForm key="workspace" workspace={workspace} />],
          }}
        />
      </Stack>
    </Container>
  );
}
