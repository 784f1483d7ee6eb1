import { Container, type MantineSize, Stack, Title } from "@mantine/core";
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
