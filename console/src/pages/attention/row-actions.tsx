import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { isDeletable } from "../../../../shared/model/transitions.ts";
import { useMay } from "../../api/people.ts";
import { useControlRun, useDeleteRun } from "../../api/runs.ts";

const DeleteRunDialog = lazy(() => import("../../components/delete-run-dialog.tsx"));

/** The actions of a row: delete, and resume unless the flow is paused. */
export function RowActions({
  workspace,
  run,
  onChanged,
}: {
  workspace: string;
  run: Run;
  onChanged: () => void;
}) {
  const [isDeleting, setIsDeleting] = useState(false);
  const control = useControlRun(workspace, run.runId);
  const remove = useDeleteRun(workspace, run);
  const mayResume =
    useMay("control-runs") && run.allowedActions.includes("resume") && run.pausedBy?.kind !== "flow";
  const mayDelete = useMay("delete") && isDeletable(run);
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {mayResume && (
        <Tooltip label="Resume">
          <ActionIcon
            variant="default"
            aria-label={`Resume run ${run.runId}`}
            loading={control.isPending}
            onClick={() => control.mutate({ action: "resume", rev: run.rev }, { onSettled: onChanged })}
          >
            <IconPlayerPlay size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {mayDelete && (
        <Tooltip label="Delete">
          <ActionIcon
            variant="default"
            aria-label={`Delete run ${run.runId}`}
            loading={remove.isPending}
            onClick={() => setIsDeleting(true)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {isDeleting && (
        <Suspense>
          <DeleteRunDialog
            onClose={() => setIsDeleting(false)}
            onConfirm={() => remove.mutate(undefined, { onSettled: onChanged })}
          />
        </Suspense>
      )}
    </Group>
  );
}
