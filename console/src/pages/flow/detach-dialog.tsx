import { Text } from "@mantine/core";
import { useChangeFlow } from "../../api/flows.ts";
import { type FlowDialogProps, FormDialog } from "../../components/form-dialog.tsx";
import { toasts } from "../../components/toasts.ts";
import { OpenRuns, openRunsIn } from "./delete-dialog.tsx";

export function DetachDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const change = useChangeFlow(workspace, flow.flowId);
  const { onSuccess, onError } = toasts("Flow detached", "Failed to detach flow", onClose);
  const openRuns = openRunsIn(change.error);
  return (
    <FormDialog
      title="Detach flow?"
      confirm="Detach flow"
      busy={change.isPending}
      onClose={onClose}
      onConfirm={() =>
        change.mutate(
          { rev: flow.rev, change: { kind: "detach" } },
          { onSuccess, onError: (error) => openRunsIn(error) ?? onError(error) },
        )
      }
    >
      <Text size="sm">
        {flow.drift
          ? "The state machine keeps its current definition, which has no gates."
          : "The state machine gets its original definition back, unless a template deployed its gates."}{" "}
        New executions are no longer runs. The flow keeps its runs, and you can attach it again.
      </Text>
      {openRuns !== undefined && <OpenRuns workspace={workspace} flow={flow} counts={openRuns} />}
    </FormDialog>
  );
}
