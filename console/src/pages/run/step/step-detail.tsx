import { ActionIcon, Alert, Group, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { ListedStep } from "../../../api/steps.ts";
import { Cause } from "../../../components/run/cause.tsx";
import { Duration, Time } from "../../../components/time.tsx";
import { CopyIcon } from "../../../json/copy-icon.tsx";
import { Question } from "./question.tsx";
import { StepData } from "./step-data.tsx";
import { StepLog } from "./step-log.tsx";
import { STEP_LOOKS } from "./step-looks.ts";

interface StepDetailProps {
  readonly workspace: string;
  readonly runId: string;
  readonly step: ListedStep;
  readonly steps: readonly ListedStep[];
  readonly onChoose: (step: ListedStep) => void;
}

/** A step: its times, its error, its input and output, and the other visits of its state. */
export function StepDetail({ workspace, runId, step, steps, onChoose }: StepDetailProps) {
  const { color, Icon } = STEP_LOOKS[step.status];
  return (
    <Stack gap="sm">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" color={color} size="md" aria-hidden>
          <Icon size={16} />
        </ThemeIcon>
        <Stack gap={0} style={{ minWidth: 0, flex: 1 }}>
          <Title order={2} size="h5" className="any-break">
            {step.name}
          </Title>
          <Text size="xs" c="dimmed" className="any-break">
            {[step.type, step.branch, step.status].filter((part) => part !== undefined).join(" · ")}
          </Text>
        </Stack>
        <CopyIcon what="Copy step id" text={() => step.stepId} />
      </Group>
      <Visits {...{ step, steps, onChoose }} />
      <Text size="sm">
        Started <Time at={step.startedAt} />
        {step.endedAt !== undefined && (
          <>
            , ended <Time at={step.endedAt} />
          </>
        )}
        {", "}
        <Duration from={step.startedAt} to={step.endedAt} />
      </Text>
      {step.waitingOn?.until !== undefined && (
        <Text size="sm">
          Waits until <Time at={step.waitingOn.until} />
        </Text>
      )}
      {step.error !== undefined && (
        <Alert color="red" title={step.error.error}>
          <Cause error={step.error} />
        </Alert>
      )}
      <StepLog {...{ workspace, runId, step }} />
      <Question {...{ workspace, runId, step }} />
      <StepData
        label="Input"
        {...{ workspace, runId, step }}
        value={step.input}
        pick={(whole) => whole.input}
      />
      {step.output !== undefined && (
        <StepData
          label="Output"
          {...{ workspace, runId, step }}
          value={step.output}
          pick={(whole) => whole.output}
        />
      )}
    </Stack>
  );
}

/** Leads to the other visits of a state that was entered several times. */
function Visits({ step, steps, onChoose }: Pick<StepDetailProps, "step" | "steps" | "onChoose">) {
  const visits = steps.filter(({ name }) => name === step.name);
  if (visits.length < 2) return null;
  const at = visits.findIndex(({ stepId }) => stepId === step.stepId);
  const to = (label: string, index: number, Icon: typeof IconChevronLeft) => {
    const visit = visits[index];
    return (
      <ActionIcon
        variant="default"
        size="sm"
        aria-label={label}
        disabled={visit === undefined}
        onClick={() => visit !== undefined && onChoose(visit)}
      >
        <Icon size={14} aria-hidden />
      </ActionIcon>
    );
  };
  return (
    <Group gap={6}>
      {to("Previous visit", at - 1, IconChevronLeft)}
      <Text size="sm" role="status">
        {`Visit ${(at + 1).toLocaleString()} of ${visits.length.toLocaleString()}`}
      </Text>
      {to("Next visit", at + 1, IconChevronRight)}
    </Group>
  );
}
