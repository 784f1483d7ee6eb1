import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";

/** Tabs with their contents, by value; the first one is open unless `value` names another. Only the open one is rendered. */
export function TabsOf(props: {
  tabs: Readonly<Record<string, readonly [label: string, ReactNode]>>;
  value?: string | undefined;
  /** Makes the caller keep the open tab. Undefined stands for the first one. */
  onChange?: (value: string | undefined) => void;
}) {
  const { tabs, value, onChange } = props;
  const all = Object.entries(tabs);
  const first = all[0]?.[0] ?? null;
  const kept = onChange && {
    value: value !== undefined && value in tabs ? value : first,
    onChange: (next: string | null) => onChange(next === null || next === first ? undefined : next),
  };
  return (
    <Tabs {...(kept ?? { defaultValue: first })} keepMounted={false}>
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
