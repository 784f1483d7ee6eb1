import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots, IconRepeat, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { isDeletable, isReplayable } from "../../../../shared/model/transitions.ts";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/people.ts";
import DeleteRunDialog from "../../components/delete-run-dialog.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { ReplayDialog } from "./replay-dialog.tsx";

/** What goes beyond the controls of the status: replaying what is over, deleting what stands still. */
export function RunMenu({ workspace, run }: { workspace: string; run: Run }) {
  const [isReplaying, setIsReplaying] = useState(false);
  const mayReplay = useMay("control-runs") && isReplayable(run.status);
  const mayDelete = useMay("delete") && isDeletable(run);
  const [isDeleting, setIsDeleting] = useState(false);
  const remove = useDelete(workspace, run);
  return (
    <>
      {mayReplay && (
        <Button
          variant="default"
          leftSection={<IconRepeat size={16} aria-hidden />}
          onClick={() => setIsReplaying(true)}
        >
          Replay
        </Button>
      )}
      {mayDelete && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" size="lg" aria-label="More actions">
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setIsDeleting(true)}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {isDeleting && <DeleteRunDialog onClose={() => setIsDeleting(false)} onConfirm={remove} />}
      {isReplaying && <ReplayDialog workspace={workspace} run={run} onClose={() => setIsReplaying(false)} />}
    </>
  );
}

const useDelete = (workspace: string, run: Run): (() => void) => {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => call<void>(workspace, `/runs/${run.runId}`, { method: "DELETE", ifMatch: run.rev }),
    onSuccess: async () => {
      succeeded("Workflow run deleted");
      queries.invalidateQueries({ queryKey: [workspace, "list"] });
      await navigate({ to: "/$workspace/monitoring/workflow-runs", params: { workspace } });
      queries.removeQueries({ queryKey: [workspace, "run", run.runId] });
    },
    onError: (error) => {
      failed("Failed to delete workflow run", error);
      return queries.invalidateQueries({ queryKey: [workspace, "run", run.runId] });
    },
  });
  return () => remove.mutate();
};
