import { Checkbox, NumberInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useChangeFlow } from "../../../api/flows.ts";
import { type FlowDialogProps, FormDialog } from "../../../components/form-dialog.tsx";
import { counted } from "../../../components/format.ts";
import { toasts } from "../../../components/toasts.ts";
import { CanaryChoice, RampChoice, type RampFields, rampOf } from "./careful-choices.tsx";
import { holdName, isIncidents } from "./hold-title.ts";

/** Lifts the holds that are chosen: at first all except those of incidents, or `only` the hold with this id. */
export function ResumeDialog({ workspace, flow, onClose, only }: FlowDialogProps & { only?: string }) {
  const change = useChangeFlow(workspace, flow.flowId);
  const liftable = flow.holds.filter(({ kind }) => kind !== "spend");
  const others = liftable.filter((hold) => !isIncidents(hold));
  const [lifted, setLifted] = useState<readonly string[]>(
    only === undefined ? others.map(({ holdId }) => holdId) : [only],
  );
  const incidents = liftable.filter(isIncidents);
  const leavesIncident = incidents.some(({ holdId }) => lifted.includes(holdId));
  const [rate, setRate] = useState<number | undefined>();
  const [canary, setCanary] = useState<number | undefined>();
  const [ramp, setRamp] = useState<RampFields | undefined>();
  const isPausedBySpend = flow.holds.some(({ kind }) => kind === "spend");
  const isWhole = flow.holds.some(({ holdId, steps }) => steps === undefined && lifted.includes(holdId));
  const staysPaused = flow.holds.some(({ holdId, steps }) => steps === undefined && !lifted.includes(holdId));
  const keepsSteps = lifted.length < liftable.length;
  const resume = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: {
          kind: "resume",
          body: {
            holds: [...lifted],
            ...(rate === undefined ? {} : { drainRate: rate }),
            ...(canary === undefined || staysPaused || keepsSteps ? {} : { canary }),
            ...(ramp === undefined || staysPaused || keepsSteps ? {} : { ramp: rampOf(ramp) }),
          },
        },
      },
      toasts(staysPaused || !isWhole ? "Hold lifted" : "Flow resumed", "Failed to resume flow", onClose),
    );
  return (
    <FormDialog
      title={only === undefined ? "Resume flow?" : "Lift this hold?"}
      confirm={only === undefined ? "Resume flow" : "Lift hold"}
      busy={change.isPending}
      disabled={lifted.length === 0}
      onClose={onClose}
      onConfirm={resume}
    >
      <Text size="sm">
        {isWhole || staysPaused
          ? outcomeText(flow.queued, staysPaused, isPausedBySpend)
          : "Runs that stand before these steps continue."}
      </Text>
      {only === undefined && (liftable.length > 1 || incidents.length > 0) && (
        <Checkbox.Group label="Lift these pauses" value={[...lifted]} onChange={setLifted}>
          <Stack gap="xs" mt={4}>
            {liftable.map((hold) => (
              <Checkbox key={hold.holdId} value={hold.holdId} label={holdName(hold)} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {leavesIncident && <Text size="sm">The incident stays open, but does not hold this flow again.</Text>}
      {!leavesIncident && incidents.length > 0 && (
        <Text size="sm">The hold of an incident is lifted when the incident is resolved.</Text>
      )}
      {(flow.queued > 0 || ramp !== undefined) && !staysPaused && (
        <NumberInput
          label={
            ramp === undefined
              ? "Records to start per second (optional)"
              : "Runs per second at the end (optional)"
          }
          description="50 by default. A lower rate protects a system that has just recovered."
          min={1}
          max={1_000}
          allowDecimal={false}
          value={rate ?? ""}
          onChange={(value) => setRate(typeof value === "number" ? value : undefined)}
        />
      )}
      {!staysPaused && !keepsSteps && <CanaryChoice count={canary} onChange={setCanary} />}
      {!staysPaused && !keepsSteps && <RampChoice ramp={ramp} onChange={setRamp} />}
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
