import { Button, Container, Group, Loader, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTitle } from "../../components/title.ts";
import { consoleConfig } from "../../session/config.ts";

/** Redirects to the deployment's workspace if it names one and nobody wants another; otherwise asks for a workspace. */
export function StartPage() {
  const config = useQuery({
    queryKey: ["config"],
    queryFn: consoleConfig,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { choose } = useSearch({ from: "/inside/" });
  const navigate = useNavigate();
  const [name, setName] = useState("");
  useTitle("Choose a workspace");
  const go = (workspace: string) => navigate({ to: "/$workspace", params: { workspace } });
  if (config.isPending) return <Loader aria-label="Loading" />;
  if (config.data?.workspace !== undefined && choose !== true)
    return <Navigate to="/$workspace" params={{ workspace: config.data.workspace }} replace />;
  return (
    <Container size="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") go(name.trim());
        }}
      >
        <Stack>
          <Title order={1} size="h3">
            Choose a workspace
          </Title>
          <Text c="dimmed">
            The workspace is part of every page's address, so a colleague's link opens it directly.
          </Text>
          <Group align="end">
            <TextInput
              label="Workspace"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit">Open</Button>
          </Group>
        </Stack>
      </form>
    </Container>
  );
}
