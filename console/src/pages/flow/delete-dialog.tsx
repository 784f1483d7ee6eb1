import { Alert, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ApiError } from "../../../../shared/client/api-error.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { useDeleteFlow } from "../../api/flows.ts";
import { type FlowDialogProps, FormDialog } from "../../components/form-dialog.tsx";
import { PageLink } from "../../components/links.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { runsSearch } from "../runs/search.ts";

export function DeleteDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const remove = useDeleteFlow(workspace, flow.flowId);
  const navigate = useNavigate();
  const counts = openRunsIn(remove.error);
  const confirm = () =>
    remove.mutate(flow.rev, {
      onSuccess: () => {
        succeeded("Flow deleted");
        navigate({ to: "/$workspace/flows", params: { workspace } });
      },
      onError: (error) => openRunsIn(error) ?? failed("Failed to delete flow", error),
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
      {counts !== undefined && <OpenRuns workspace={workspace} flow={flow} counts={counts} />}
    </FormDialog>
  );
}

type Counts = Readonly<Record<string, number>>;

/** Returns the numbers of open runs for which the service refused an action; undefined for any other error. */
export const openRunsIn = (error: unknown): Counts | undefined =>
  error instanceof ApiError ? error.problem.counts : undefined;

/** The open runs that prevent an action on the flow. */
export function OpenRuns(props: { workspace: string; flow: Flow; counts: Counts }) {
  const { workspace, flow, counts } = props;
  return (
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
  );
}
