import { Button, Group, Select, Text } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import { useControlRun } from "../../../api/runs.ts";
import { HelpLink } from "../../../components/links.tsx";

/** Sets the breakpoint before a state that is chosen in the graph or in the list. */
export function Breakpoint(props: {
  workspace: string;
  run: Run;
  stops: string[];
  /** The state that the page shows. */
  state: string | undefined;
  onChoose: (state: string) => void;
}) {
  const { workspace, run, stops, state, onChoose } = props;
  const chosen = stops.find((name) => name === state);
  const control = useControlRun(workspace, run.runId);
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Pause before a step"
        placeholder="Choose it here or in the graph"
        data={stops}
        value={chosen ?? null}
        onChange={(name) => name && onChoose(name)}
        searchable
        maw="100%"
        w={280}
      />
      <Button
        variant="default"
        leftSection={<IconHandStop size={16} aria-hidden />}
        disabled={chosen === undefined || chosen === run.pauseBefore}
        loading={control.isPending}
        onClick={() =>
          chosen !== undefined && control.mutate({ action: "pause", rev: run.rev, body: { before: chosen } })
        }
      >
        Set breakpoint
      </Button>
      <Text size="sm" c="dimmed" component="div" pb={8}>
        {run.pauseBefore === undefined
          ? "The run is paused when it reaches this step. "
          : `The breakpoint is before “${run.pauseBefore}”. A run has one. `}
        <HelpLink document="breakpoints">Breakpoints</HelpLink>
      </Text>
    </Group>
  );
}
