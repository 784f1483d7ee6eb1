import { Container, Group, type MantineSize, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** The frame of a page. A page without a title has a header of its own. */
export function Page({ size, title, children }: { size: MantineSize; title?: string; children: ReactNode }) {
  return (
    <Container size={size} px={0}>
      <Stack>
        {title !== undefined && (
          <Title order={1} size="h3">
            {title}
          </Title>
        )}
        {children}
      </Stack>
    </Container>
  );
}

/** The header of a page about one thing: a link to the list above it, its name, and its actions. `children` is below the name. */
export function PageHeader(props: {
  above: ReactNode;
  name: string;
  /** Whether the name is an id. */
  isId?: boolean;
  beside: ReactNode;
  actions: ReactNode;
  children?: ReactNode;
}) {
  const { above, name, isId = false, beside, actions, children } = props;
  return (
    <Group justify="space-between" align="flex-start">
      <Stack gap={4} style={{ minWidth: 0 }}>
        {above}
        <Group gap="sm">
          <Title
            order={1}
            size="h3"
            style={{ overflowWrap: "anywhere" }}
            {...(isId ? { ff: "monospace" } : {})}
          >
            {name}
          </Title>
          {beside}
        </Group>
        {children}
      </Stack>
      {actions}
    </Group>
  );
}
