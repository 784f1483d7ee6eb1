import { Alert, Button, Center, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconMoodEmpty } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center py="xl">
      <Stack align="center" gap="xs" maw={420} ta="center">
        <IconMoodEmpty size={40} stroke={1.5} aria-hidden />
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text c="dimmed" component="div">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}

/** A page that could not be loaded: no permission and not found say so, anything else can be tried again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 403 || status === 404) {
    return (
      <Center py="xl">
        <Stack align="center" gap="xs" maw={460} ta="center">
          <IconLock size={40} stroke={1.5} aria-hidden />
          <Title order={2} size="h4">
            {status === 403 ? "You may not see this" : "Nothing here"}
          </Title>
          <Text c="dimmed">
            {status === 403
              ? "Your role in this workspace does not allow it. Ask an administrator."
              : "It does not exist, was deleted, or belongs to a workspace that you are not a member of."}
          </Text>
        </Stack>
      </Center>
    );
  }
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="This could not be loaded" my="md">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{error instanceof Error ? error.message : "Something went wrong"}</Text>
        {retry && (
          <Button size="xs" variant="light" color="red" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Holds the place of what is being read. */
export function Loading({ height, label }: { height: number; label: string }) {
  return (
    <div role="status" aria-label={label}>
      <Skeleton height={height} />
    </div>
  );
}
