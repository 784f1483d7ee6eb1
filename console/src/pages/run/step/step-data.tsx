import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Step } from "../../../../../shared/model/schemas/run.ts";
import { type ListedStep, stepQuery } from "../../../api/steps.ts";
import { JsonView } from "../../../json/json-view.tsx";

interface Truncated {
  readonly truncated: true;
  readonly size: number;
}
const isTruncated = (value: unknown): value is Truncated =>
  typeof value === "object" &&
  value !== null &&
  "truncated" in value &&
  value.truncated === true &&
  "size" in value;

/** Input or output of a step. Long data is loaded only on request. */
export function StepData(props: {
  label: string;
  workspace: string;
  runId: string;
  step: ListedStep;
  value: unknown;
  pick: (step: Step) => unknown;
}) {
  const { label, workspace, runId, step, value, pick } = props;
  const [wanted, setWanted] = useState(false);
  const whole = useQuery({ ...stepQuery(workspace, runId, step), enabled: wanted });
  const shown = isTruncated(value) && whole.data !== undefined ? pick(whole.data) : value;
  return (
    <Stack gap={4}>
      <Text size="xs" fw={600}>
        {label}
      </Text>
      {isTruncated(shown) ? (
        <Group>
          <Text size="sm">{Math.ceil(shown.size / 1_024)} KiB</Text>
          <Button size="xs" variant="default" loading={whole.isFetching} onClick={() => setWanted(true)}>
            Show
          </Button>
        </Group>
      ) : (
        <JsonView label={label} value={shown} />
      )}
    </Stack>
  );
}
