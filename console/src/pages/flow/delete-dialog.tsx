import { Alert, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ApiError } from "../../../../shared/client/api-error.ts";
import { useDeleteFlow } from "../../api/flows.ts";
import { type FlowDialogProps, FormDialog } from "../../components/form-dialog.tsx";
import { PageLink } from "../../components/links.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { runsSearch } from "../runs/search.ts";

export function DeleteDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const remove = useDeleteFlow(workspace, flow.flowId);
  const navigate = useNavigate();
  const counts = remove.error instanceof ApiError ? remove.error.problem.counts : undefined;
  const confirm = () =>
    remove.mutate(flow.rev, {
      onSuccess: () => {
        succeeded("Flow deleted");
        navigate({ to: "/$workspace/flows", params: { workspace } });
      },
      onError: (error) => {
        if (!(error instanceof ApiError && error.problem.counts !== undefined))
          failed("Failed to delete flow", error);
      },
    });
  return (
    <FormDialog
      title="Delete flow?"
      confirm="Delete flow"
      color="red"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={confirm}
    >
      <Text size="sm">
        This permanently deletes {flow.name} with its {flow.version === 0 ? "drafts" : "versions"}, caps and
        meters. Completed and cancelled runs stay readable until their retention period ends. This action
        cannot be undone.
      </Text>
      {counts !== undefined && (
        <Alert color="red" title="This flow still has runs">
          <Text size="sm">
            {Object.entries(counts)
              .map(([status, count]) => `${count} ${status}`)
              .join(", ")}
            {". "}
            <PageLink
              size="sm"
              to="/$workspace/monitoring/workflow-runs"
              params={{ workspace }}
              search={runsSearch({ flowId: flow.flowId, status: Object.keys(counts) })}
            >
              Show these runs
            </PageLink>
          </Text>
        </Alert>
      )}
    </FormDialog>
  );
}
