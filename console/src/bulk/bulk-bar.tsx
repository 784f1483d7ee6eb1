import { Button, Group, Menu, Paper, Text } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { BulkAction } from "../../../shared/model/bulk.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { RunFilter } from "../../../shared/model/schemas/run-filter.ts";
import type { BulkTarget } from "../api/bulk.ts";
import { useMay } from "../api/people.ts";
import { useBulkDialog } from "./use-bulk-dialog.tsx";
import { VERBS } from "./verbs.ts";

export interface BulkBarProps {
  readonly workspace: string;
  /** The selected runs, as they are shown. */
  readonly selected: readonly Run[];
  /** The list's filter. Actions for all matching runs are offered if it has a condition. */
  readonly filter: RunFilter;
  readonly actions: readonly BulkAction[];
  readonly onClear: () => void;
  /** Called when runs have changed and the list must be read again. */
  readonly onChanged: () => void;
}

/** A run that changes after the person has chosen the action is left as it is. */
const targetOf = (runs: readonly Run[]): BulkTarget => ({
  runIds: runs.map(({ runId }) => runId),
  revs: runs.map(({ rev }) => rev),
});

/** Actions for the selected runs, or for all runs that match the filter, whether shown or not. */
export function BulkBar({ workspace, selected, filter, actions, onClear, onChanged }: BulkBarProps) {
  const { open, dialog } = useBulkDialog(workspace, () => {
    onClear();
    onChanged();
  });
  const mayControl = useMay("control-runs");
  const mayDelete = useMay("delete");
  const offered = actions.filter((action) => (action === "delete" ? mayDelete : mayControl));
  const hasFilter = Object.keys(filter).length > 0;
  if (offered.length === 0) return null;
  return (
    <>
      {selected.length > 0 && (
        <Paper
          withBorder
          p="xs"
          pos="sticky"
          top={60}
          style={{ zIndex: 2 }}
          role="toolbar"
          aria-label="Selected runs"
        >
          <Group gap="xs">
            <Text size="sm" fw={500} style={{ fontVariantNumeric: "tabular-nums" }}>
              {selected.length} selected
            </Text>
            {offered.map((action) => (
              <Button
                key={action}
                size="xs"
                variant="default"
                onClick={() => open({ action, target: targetOf(selected) })}
              >
                {VERBS[action]}
              </Button>
            ))}
            <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
              Clear selection
            </Button>
          </Group>
        </Paper>
      )}
      {selected.length === 0 && hasFilter && (
        <Group>
          <Menu position="bottom-start">
            <Menu.Target>
              <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
                All matching runs
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {offered.map((action) => (
                <Menu.Item key={action} onClick={() => open({ action, target: { filter } })}>
                  {VERBS[action]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </Group>
      )}
      {dialog}
    </>
  );
}
