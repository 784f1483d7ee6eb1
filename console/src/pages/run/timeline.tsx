import { Accordion, Alert, Button, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconPlayerPlayFilled,
  type IconProps,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, useState } from "react";
import type { Step } from "../../../../shared/model/schemas/run.ts";
import { type ListedStep, stepQuery, stepsQuery } from "../../api/runs.ts";
import { Cause } from "../../components/cause.tsx";
import { Empty, Unloaded } from "../../components/states.tsx";
import { Duration, Time } from "../../components/time.tsx";
import { JsonView } from "../../json/json-view.tsx";
import { Question } from "./question.tsx";

const LOOKS: Readonly<Record<Step["status"], { color: string; Icon: ComponentType<IconProps> }>> = {
  running: { color: "blue", Icon: IconPlayerPlayFilled },
  waiting: { color: "grape", Icon: IconHourglass },
  completed: { color: "green", Icon: IconCircleCheck },
  failed: { color: "red", Icon: IconCircleX },
  cancelled: { color: "gray", Icon: IconBan },
};

/** The run's steps, oldest first, each with its input, output and error. */
export function Timeline({ workspace, runId }: { workspace: string; runId: string }) {
  const steps = useQuery(stepsQuery(workspace, runId));
  if (steps.data === undefined) return <Unloaded query={steps} height={160} label="Loading the steps" />;
  if (steps.data.length === 0)
    return <Empty title="No steps yet">Steps appear here as soon as the run enters them.</Empty>;
  return (
    <Accordion variant="separated" multiple>
      {steps.data.map((step) => (
        <Accordion.Item key={step.stepId} value={step.stepId}>
          <Accordion.Control>
            <StepLine step={step} />
          </Accordion.Control>
          <Accordion.Panel>
            <StepDetails workspace={workspace} runId={runId} step={step} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function StepLine({ step }: { step: ListedStep }) {
  const { color, Icon } = LOOKS[step.status];
  return (
    <Group justify="space-between" wrap="nowrap" pr="sm">
      <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
        <ThemeIcon variant="light" color={color} size="md" aria-hidden>
          <Icon size={16} />
        </ThemeIcon>
        <Stack gap={0} style={{ minWidth: 0 }}>
          <Text size="sm" fw={500} truncate>
            {step.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {[step.type, step.branch, step.status].filter((part) => part !== undefined).join(" · ")}
          </Text>
        </Stack>
      </Group>
      <Text size="sm" component="span">
        <Duration from={step.startedAt} to={step.endedAt} />
      </Text>
    </Group>
  );
}

function StepDetails({ workspace, runId, step }: { workspace: string; runId: string; step: ListedStep }) {
  return (
    <Stack gap="sm">
      <Text size="sm">
        Started <Time at={step.startedAt} />
        {step.endedAt !== undefined && (
          <>
            , ended <Time at={step.endedAt} />
          </>
        )}
      </Text>
      {step.error !== undefined && (
        <Alert color="red" title={step.error.error}>
          <Cause error={step.error} />
        </Alert>
      )}
      <Question {...{ workspace, runId, step }} />
      <Data label="Input" {...{ workspace, runId, step }} value={step.input} pick={(whole) => whole.input} />
      {step.output !== undefined && (
        <Data
          label="Output"
          {...{ workspace, runId, step }}
          value={step.output}
          pick={(whole) => whole.output}
        />
      )}
    </Stack>
  );
}

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
function Data(props: {
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
