import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";

/** Tabs with their contents, by value; the first one is open. Only the open one is rendered. */
export function TabsOf({ tabs }: { tabs: Readonly<Record<string, readonly [label: string, ReactNode]>> }) {
  const all = Object.entries(tabs);
  return (
    <Tabs defaultValue={all[0]?.[0] ?? null} keepMounted={false}>
      <Tabs.List>
        {all.map(([value, [label]]) => (
          <Tabs.Tab key={value} value={value}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {all.map(([value, [, content]]) => (
        <Tabs.Panel key={value} value={value} pt="md">
          {content}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
