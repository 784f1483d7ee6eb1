import { ActionIcon, Alert, Button, Center, Skeleton, Stack, Text, Title, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconMoodEmpty, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../../../shared/client/api-error.ts";

/** An empty state with a hint. */
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

/** Shown instead of a page that could not be loaded. Offers to try again, unless a permission or the page itself is missing. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 403 || status === 404) {
    return (
      <Center py="xl">
        <Stack align="center" gap="xs" maw={460} ta="center">
          <IconLock size={40} stroke={1.5} aria-hidden />
          <Title order={2} size="h4">
            {status === 403 ? "You do not have access" : "Not found"}
          </Title>
          <Text c="dimmed">
            {status === 403
              ? "Your role in this workspace does not allow you to see this. Ask an administrator for access."
              : "It does not exist, was deleted, or belongs to a workspace that you are not a member of."}
          </Text>
        </Stack>
      </Center>
    );
  }
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="Loading failed" my="md">
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

/** Shown in place of the data of a query that has none: a placeholder while it loads, or the failure. */
export function Unloaded(props: {
  query: { readonly isPending: boolean; readonly error: unknown; readonly refetch: () => unknown };
  height: number;
  label: string;
}) {
  const { query, height, label } = props;
  if (query.isPending) return <Loading height={height} label={label} />;
  return <Failure error={query.error} retry={() => query.refetch()} />;
}

/** A placeholder while data is loading. */
export function Loading({ height, label }: { height: number; label: string }) {
  return (
    <div role="status" aria-label={label}>
      <Skeleton height={height} />
    </div>
  );
}

export function RefreshButton({ busy, onClick }: { busy: boolean; onClick: () => void }) {
  return (
    <Tooltip label="Refresh">
      <ActionIcon variant="default" size="lg" aria-label="Refresh" loading={busy} onClick={onClick}>
        <IconRefresh size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
