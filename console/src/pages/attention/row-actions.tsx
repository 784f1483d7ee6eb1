import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/people.ts";
import { useControlRun } from "../../api/runs.ts";
import { failed, succeeded } from "../../components/toasts.ts";

const DeleteRunDialog = lazy(() => import("../../components/delete-run-dialog.tsx"));

/** What can be done at once with a row: resume it where its own pause is all that holds it, or delete it. */
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
  const remove = useMutation({
    mutationFn: () => call<void>(workspace, `/runs/${run.runId}`, { method: "DELETE", ifMatch: run.rev }),
    onSuccess: () => succeeded("Workflow run deleted"),
    onError: (error) => failed("Failed to delete workflow run", error),
    onSettled: onChanged,
  });
  const mayResume =
    useMay("control-runs") && run.allowedActions.includes("resume") && run.pausedBy?.kind !== "flow";
  const mayDelete = useMay("delete") && run.status !== "waiting";
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {mayResume && (
        <Tooltip label="Resume">
          <ActionIcon
            variant="default"
            aria-label={`Resume run ${run.runId}`}
            loading={control.isPending}
            onClick={() =>
              control.mutate(
                { action: "resume", rev: run.rev },
                {
                  onSuccess: () => succeeded("Workflow run resumed"),
                  onError: (error) => failed("Failed to resume workflow run", error),
                  onSettled: onChanged,
                },
              )
            }
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
          <DeleteRunDialog onClose={() => setIsDeleting(false)} onConfirm={() => remove.mutate()} />
        </Suspense>
      )}
    </Group>
  );
}
