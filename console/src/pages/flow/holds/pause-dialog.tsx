import { NumberInput, TagsInput, Text } from "@mantine/core";
import { useState } from "react";
import { serverNow } from "../../../api/client.ts";
import { type PauseBody, useChangeFlow } from "../../../api/flows.ts";
import { Choice } from "../../../components/choice.tsx";
import { type FlowDialogProps, FormDialog, ReasonField } from "../../../components/form-dialog.tsx";
import { isoIn, TimeField, timeFault, timeIn } from "../../../components/time-field.tsx";
import { toasts } from "../../../components/toasts.ts";
import { PausePreview } from "./pause-preview.tsx";

const DAY_MS = 86_400_000;
/** The service resumes a flow after 14 days at the latest, and plans a pause at most 90 days ahead. */
const MAX_MS = 14 * DAY_MS;
const MAX_AHEAD_MS = 90 * DAY_MS;

/** Pauses the flow, or holds some of its steps; `onlySteps`: the flow is paused already. */
export function PauseDialog(props: FlowDialogProps & { onlySteps?: boolean }) {
  const { workspace, flow, onClose, onlySteps = false } = props;
  const change = useChangeFlow(workspace, flow.flowId);
  const [mode, setMode] = useState<"queue" | "reject" | "finish">("queue");
  const [hours, setHours] = useState<number | undefined>();
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const [steps, setSteps] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const [now] = useState(serverNow);
  const start = timeIn(from);
  const end = timeIn(until);
  const begins = start ?? now;
  const startFault = timeFault(start, now, now + MAX_AHEAD_MS, "Must be at most 90 days from now");
  const endFault = timeFault(
    end,
    begins,
    begins + MAX_MS,
    `Must be at most 14 days from ${start === undefined ? "now" : "the start"}`,
  );
  const holdsSteps = onlySteps || steps.length > 0;
  const isPlanned = start !== undefined;
  const body: PauseBody = {
    // A hold on steps lets new records start, so the choice about them does not apply.
    ...(holdsSteps ? { steps } : { mode, ...finishTime(mode === "finish" ? hours : undefined) }),
    ...definedTimes({ startAt: isoIn(start), resumeAt: isoIn(end) }),
    ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
  };
  const pause = () =>
    change.mutate(
      { rev: flow.rev, change: { kind: "pause", body } },
      toasts(
        isPlanned ? "Pause planned" : holdsSteps ? "Steps held" : "Flow paused",
        isPlanned ? "Failed to plan the pause" : "Failed to pause flow",
        onClose,
      ),
    );
  const lacksSteps = onlySteps && steps.length === 0;
  const isFaulty = lacksSteps || startFault !== undefined || endFault !== undefined;
  return (
    <FormDialog
      title={onlySteps ? "Hold steps?" : "Pause flow?"}
      confirm={isPlanned ? "Plan pause" : onlySteps ? "Hold steps" : "Pause flow"}
      busy={change.isPending}
      disabled={isFaulty}
      onClose={onClose}
      onConfirm={pause}
    >
      <Text size="sm">
        {onlySteps
          ? "The flow is paused. This hold on its steps stands beside the pause, and stays when the pause is lifted."
          : mode === "finish"
            ? "Runs that have begun go on to their end. New records wait in the queue."
            : "Each run stops at its next step, and current runs remain frozen in their existing state. A step in progress finishes, and its result is kept."}
      </Text>
      <TagsInput
        label={onlySteps ? "Steps" : "Only these steps (optional)"}
        description="Names of states. Runs stop before them; everything else goes on, and new records start."
        value={steps}
        onChange={setSteps}
      />
      {!holdsSteps && (
        <>
          <Choice
            label="New records"
            value={mode}
            options={[
              {
                value: "queue",
                label: "Queue them",
                description:
                  "Records are accepted and queued, without a limit, and start after the flow resumes.",
              },
              {
                value: "reject",
                label: "Reject them",
                description: "Callers get an error saying that the flow is paused.",
              },
              {
                value: "finish",
                label: "Queue them, and let current runs finish",
                description:
                  "Runs that have begun go on to their end, as long as you allow. Those that are left then stop, too.",
              },
            ]}
            onChange={setMode}
          />
          {mode === "finish" && (
            <NumberInput
              label="Let runs finish for (hours)"
              description="If empty, until the flow resumes."
              min={0.1}
              max={336}
              value={hours ?? ""}
              onChange={(value) => setHours(typeof value === "number" && value > 0 ? value : undefined)}
            />
          )}
        </>
      )}
      <TimeField
        label="Begin at"
        description={
          flow.scheduledPause === undefined
            ? "If empty, the pause begins now."
            : "If empty, the pause begins now. A time replaces the pause that is already planned."
        }
        value={from}
        after={now}
        latest={now + MAX_AHEAD_MS}
        fault={startFault}
        onChange={setFrom}
      />
      <TimeField
        label="Resume automatically at"
        description={
          holdsSteps
            ? "If empty, the hold on the steps ends after 14 days, the longest possible time."
            : "If empty, the flow resumes after 14 days, the longest possible pause."
        }
        value={until}
        after={begins}
        latest={begins + MAX_MS}
        fault={endFault}
        onChange={setUntil}
      />
      <ReasonField value={reason} onChange={setReason} />
      {!isFaulty && <PausePreview workspace={workspace} flow={flow} body={body} />}
    </FormDialog>
  );
}

const finishTime = (hours: number | undefined): Pick<PauseBody, "finishWithin"> =>
  hours === undefined ? {} : { finishWithin: `PT${Math.round(hours * 60)}M` };

const definedTimes = ({ startAt, resumeAt }: Pick<PauseBody, "startAt" | "resumeAt">) => ({
  ...(startAt === undefined ? {} : { startAt }),
  ...(resumeAt === undefined ? {} : { resumeAt }),
});
