import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

/** A part of the home page: its heading, the link to the whole list, and its rows. */
export function Part(props: { title: string; all?: ReactNode; children: ReactNode }) {
  const { title, all, children } = props;
  const id = useId();
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} style={{ minWidth: 0 }}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5" id={id}>
          {title}
        </Title>
        {all}
      </Group>
      <Stack gap="sm">{children}</Stack>
    </Paper>
  );
}

/** Said where a part has nothing to show. */
export function None({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

/** A row of a part: what it is about, and the details below. */
export function Row(props: { head: ReactNode; children?: ReactNode; beside?: ReactNode }) {
  const { head, children, beside } = props;
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <Stack gap={2} style={{ minWidth: 0, flex: "1 1 200px" }}>
        <Group gap="xs">{head}</Group>
        <Text size="sm" component="div" className="any-break">
          {children}
        </Text>
      </Stack>
      {beside}
    </Group>
  );
}
