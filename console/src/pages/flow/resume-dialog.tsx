import { Checkbox, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { LiftableHold } from "../../../../shared/model/holds/kinds.ts";
import { useChangeFlow } from "../../api/flows.ts";
import { type FlowDialogProps, FormDialog } from "../../components/form-dialog.tsx";
import { counted } from "../../components/format.ts";
import { toasts } from "../../components/toasts.ts";
import { CanaryChoice, RampChoice, type RampFields, rampOf } from "./careful-choices.tsx";

const NAMES: Readonly<Record<LiftableHold, string>> = {
  manual: "Manual pause",
  throughput: "Pause by the throughput cap",
  errors: "Pause by the error cap",
};

export function ResumeDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const change = useChangeFlow(workspace, flow.flowId);
  const liftable = flow.holds
    .map(({ kind }) => kind)
    .filter((kind): kind is LiftableHold => kind !== "spend");
  const [lifted, setLifted] = useState<readonly LiftableHold[]>(liftable);
  const [rate, setRate] = useState<number | undefined>();
  const [canary, setCanary] = useState<number | undefined>();
  const [ramp, setRamp] = useState<RampFields | undefined>();
  const isPausedBySpend = flow.holds.some(({ kind }) => kind === "spend");
  const staysPaused = isPausedBySpend || lifted.length < liftable.length;
  const resume = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: {
          kind: "resume",
          body: {
            holds: [...lifted],
            ...(rate === undefined ? {} : { drainRate: rate }),
            ...(canary === undefined || staysPaused ? {} : { canary }),
            ...(ramp === undefined || staysPaused ? {} : { ramp: rampOf(ramp) }),
          },
        },
      },
      toasts(staysPaused ? "Pause lifted" : "Flow resumed", "Failed to resume flow", onClose),
    );
  return (
    <FormDialog
      title="Resume flow?"
      confirm="Resume flow"
      busy={change.isPending}
      disabled={lifted.length === 0}
      onClose={onClose}
      onConfirm={resume}
    >
      <Text size="sm">{outcomeText(flow.queued, staysPaused, isPausedBySpend)}</Text>
      {liftable.length > 1 && (
        <Checkbox.Group
          label="Lift these pauses"
          value={[...lifted]}
          onChange={(values) => setLifted(liftable.filter((kind) => values.includes(kind)))}
        >
          <Stack gap="xs" mt={4}>
            {liftable.map((kind) => (
              <Checkbox key={kind} value={kind} label={NAMES[kind]} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {flow.queued > 0 && !staysPaused && (
        <NumberInput
          label="Records to start per second (optional)"
          description="50 by default. A lower rate protects a system that has just recovered."
          min={1}
          max={1_000}
          allowDecimal={false}
          value={rate ?? ""}
          onChange={(value) => setRate(typeof value === "number" ? value : undefined)}
        />
      )}
      {!staysPaused && <CanaryChoice count={canary} onChange={setCanary} />}
      {!staysPaused && <RampChoice ramp={ramp} onChange={setRamp} />}
    </FormDialog>
  );
}

const outcomeText = (queued: number, staysPaused: boolean, isPausedBySpend: boolean): string => {
  if (isPausedBySpend)
    return "The flow stays paused by its spend cap. Nothing starts until that pause lifts.";
  if (staysPaused) return "The flow stays paused. Nothing starts until the other pause is lifted too.";
  if (queued === 0) return "Frozen runs continue from where they stopped, and new records start immediately.";
  return `Frozen runs continue from where they stopped, then ${counted(queued, "queued record")} ${queued === 1 ? "starts" : "start"}, oldest first. New records start immediately.`;
};
