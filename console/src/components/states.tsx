import { ActionIcon, Alert, Button, Center, Skeleton, Stack, Text, Title, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconMoodEmpty, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../../../shared/client/api-error.ts";
import { PageLink } from "./links.tsx";
import { useTitle } from "./title.ts";

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

/** Shown where there is nothing to show, with a way on. */
function Refused({ title, text }: { title: string; text: string }) {
  useTitle(title);
  return (
    <Center py="xl">
      <Stack align="center" gap="xs" maw={460} ta="center">
        <IconLock size={40} stroke={1.5} aria-hidden />
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text c="dimmed">{text}</Text>
        <PageLink size="sm" to="/">
          Go to the start
        </PageLink>
      </Stack>
    </Center>
  );
}

/** Shown at an address that is no page's. */
export function NotFound() {
  return <Refused title="Page not found" text="The address is incomplete, or its page has moved." />;
}

/** Shown instead of a page that could not be loaded. Offers to try again, unless a permission or the page itself is missing. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 403)
    return (
      <Refused
        title="You do not have access"
        text="Your role in this workspace does not allow you to see this. Ask an administrator for access."
      />
    );
  if (status === 404)
    return (
      <Refused
        title="Not found"
        text="It does not exist, was deleted, or belongs to a workspace that you are not a member of."
      />
    );
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
  height: number | string;
  label: string;
}) {
  const { query, height, label } = props;
  if (query.isPending) return <Loading height={height} label={label} />;
  return <Failure error={query.error} retry={() => query.refetch()} />;
}

/** A placeholder while data is loading. */
export function Loading({ height, label }: { height: number | string; label: string }) {
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
