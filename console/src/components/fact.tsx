import { Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** The overview of a page: a list of facts. */
export function Facts({ columns, children }: { columns: number; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Overview">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: columns }} component="dl" style={{ margin: 0 }}>
        {children}
      </SimpleGrid>
    </Paper>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Stack gap={2} style={{ minWidth: 0 }}>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <Text
        component="dd"
        size="sm"
        m={0}
        style={{ overflowWrap: "anywhere", fontVariantNumeric: "tabular-nums" }}
      >
        {children}
      </Text>
    </Stack>
  );
}
