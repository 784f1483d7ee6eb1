import { Group, Paper, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Step } from "../../../../../shared/model/schemas/run.ts";
import { type ListedStep, stepQuery } from "../../../api/steps.ts";
import { Unloaded } from "../../../components/states.tsx";
import { textOf } from "./align.ts";

const Diff = lazy(() => import("../../../editor/definition-diff.tsx"));

const PARTS = { input: "Input", output: "Output", error: "Error" } as const;
type Part = keyof typeof PARTS;

interface Side {
  readonly runId: string;
  readonly step: ListedStep;
}

/** The differences in the data of a step, from the other run to this one. */
export function StepDiff({ workspace, own, other }: { workspace: string; own: Side; other: Side }) {
  const mine = useQuery(stepQuery(workspace, own.runId, own.step));
  const its = useQuery(stepQuery(workspace, other.runId, other.step));
  const [part, setPart] = useState<Part>("input");
  if (mine.data === undefined) return <Unloaded query={mine} height={120} label="Loading the step" />;
  if (its.data === undefined) return <Unloaded query={its} height={120} label="Loading the step" />;
  const text = (step: Step) => textOf(step[part]) ?? "";
  const [before, after] = [text(its.data), text(mine.data)];
  return (
    <Paper withBorder p="md" component="section" aria-label="Changes of the step">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5" className="any-break">
            {own.step.name}
          </Title>
          <SegmentedControl
            size="xs"
            aria-label="Part of the step"
            value={part}
            onChange={(value) => setPart(value as Part)}
            data={Object.entries(PARTS).map(([value, label]) => ({ value, label }))}
          />
        </Group>
        {before === after ? (
          <Text size="sm">{before === "" ? "Neither run has it." : "It is the same in both runs."}</Text>
        ) : (
          <Suspense fallback={<Skeleton height={200} />}>
            <Diff key={part} label={`Changes of the ${part}`} before={before} after={after} height={280} />
          </Suspense>
        )}
      </Stack>
    </Paper>
  );
}
