import { Text } from "@mantine/core";
import { useState } from "react";
import { useChangeFlow } from "../../api/flows.ts";
import { Choice } from "../../components/choice.tsx";
import { type FlowDialogProps, FormDialog } from "../../components/form-dialog.tsx";
import { HelpLink } from "../../components/links.tsx";
import { toasts } from "../../components/toasts.ts";

const OUTCOMES = [
  { value: "fail", label: "Fails", description: "It is over. You can replay it as a new run." },
  {
    value: "pause",
    label: "Is paused with the error",
    description:
      "You can retry or skip the step, mend the run, or give up. Steps that have completed are not called again.",
  },
] as const;

/** Chooses what becomes of a run whose step fails for good. */
export function FailureDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const change = useChangeFlow(workspace, flow.flowId);
  const [onFailure, setOnFailure] = useState(flow.onFailure);
  return (
    <FormDialog
      title="When a step fails"
      confirm="Save"
      busy={change.isPending}
      disabled={onFailure === flow.onFailure}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          { rev: flow.rev, change: { kind: "settings", body: { onFailure } } },
          toasts("Setting saved", "Failed to save the setting", onClose),
        )
      }
    >
      <Text size="sm">
        This is about errors that the step’s retries and the flow’s fault paths do not handle. It applies to
        steps that begin after the change. <HelpLink document="hold-on-failure">Holding failures</HelpLink>
      </Text>
      <Choice label="The run" value={onFailure} options={OUTCOMES} onChange={setOnFailure} />
    </FormDialog>
  );
}
