import { Container, Group, type MantineSize, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTitle } from "./title.ts";

/** The frame of a page. A page with a header of its own names only the browser's tab. */
export function Page(
  props: { size: MantineSize | "100%"; actions?: ReactNode; children: ReactNode } & (
    | { title: string }
    | { tab: string }
  ),
) {
  const { size, actions, children } = props;
  useTitle("title" in props ? props.title : props.tab);
  return (
    <Container size={size} px={0}>
      <Stack>
        {"title" in props && (
          <Group justify="space-between">
            <Title order={1} size="h3">
              {props.title}
            </Title>
            {actions}
          </Group>
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
