import { Checkbox, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useChangeFlow } from "../../api/flows.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { FlowDialog, type FlowDialogProps } from "./dialog.tsx";

type Liftable = "manual" | "throughput";
const NAMES: Readonly<Record<Liftable, string>> = {
  manual: "The pause by hand",
  throughput: "The pause by the throughput cap",
};

export function ResumeDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const change = useChangeFlow(workspace, flow.flowId);
  const standing = flow.holds.map(({ kind }) => kind).filter((kind): kind is Liftable => kind !== "spend");
  const [lifted, setLifted] = useState<readonly Liftable[]>(standing);
  const [rate, setRate] = useState<number | undefined>();
  const isHeldBySpend = flow.holds.some(({ kind }) => kind === "spend");
  const isHeldOn = isHeldBySpend || lifted.length < standing.length;
  const resume = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: { kind: "resume", holds: lifted, ...(rate === undefined ? {} : { drainRate: rate }) },
      },
      {
        onSuccess: () => {
          succeeded(isHeldOn ? "Pause lifted" : "Flow resumed");
          onClose();
        },
        onError: (error) => failed("Failed to resume flow", error),
      },
    );
  return (
    <FlowDialog
      title="Resume flow?"
      confirm="Resume flow"
      busy={change.isPending}
      disabled={lifted.length === 0}
      onClose={onClose}
      onConfirm={resume}
    >
      <Text size="sm">{whatHappens(flow.queued, isHeldOn, isHeldBySpend)}</Text>
      {standing.length > 1 && (
        <Checkbox.Group
          label="Lift"
          value={[...lifted]}
          onChange={(values) => setLifted(standing.filter((kind) => values.includes(kind)))}
        >
          <Stack gap="xs" mt={4}>
            {standing.map((kind) => (
              <Checkbox key={kind} value={kind} label={NAMES[kind]} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {flow.queued > 0 && !isHeldOn && (
        <NumberInput
          label="Records started a second (optional)"
          description="Left empty: 50. Fewer spare a system that has just come back."
          min={1}
          max={1_000}
          allowDecimal={false}
          value={rate ?? ""}
          onChange={(value) => setRate(typeof value === "number" ? value : undefined)}
        />
      )}
    </FlowDialog>
  );
}

const whatHappens = (queued: number, isHeldOn: boolean, isHeldBySpend: boolean): string => {
  if (isHeldBySpend) return "The spend cap holds the flow on: nothing starts until that pause lifts.";
  if (isHeldOn) return "The other pause holds the flow on: nothing starts until it is lifted too.";
  if (queued === 0) return "Frozen runs go on where they stand, and new records start at once.";
  return `Frozen runs go on where they stand, then ${queued === 1 ? "1 queued record starts" : `${queued} queued records start`}, oldest first. New records start at once.`;
};
