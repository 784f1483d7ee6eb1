import { ActionIcon, Button } from "@mantine/core";
import { IconDots, IconRepeat, IconTool, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { isDeletable, isReplayable } from "../../../../shared/model/transitions.ts";
import { useMay } from "../../api/people.ts";
import { useDeleteRun } from "../../api/runs.ts";
import { DropdownMenu, MenuAction } from "../../components/dropdown-menu.tsx";
import DeleteRunDialog from "../../components/run/delete-run-dialog.tsx";
import { isHalted } from "../../components/status.tsx";
import { useRepair } from "../../repair/use-repair.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";

/** Further actions: replay a run that has ended, mend one that has stopped, delete one that is not in progress. */
export function RunMenu({ workspace, run }: { workspace: string; run: Run }) {
  const [isReplaying, setIsReplaying] = useState(false);
  const repair = useRepair(workspace, run);
  // A run that an error paused shows this choice beside its error.
  const mend = isHalted(run) ? undefined : repair.mend;
  const mayReplay = useMay("control-runs") && isReplayable(run.status);
  const mayDelete = useMay("delete") && isDeletable(run);
  const [isDeleting, setIsDeleting] = useState(false);
  const remove = useDeleteAndLeave(workspace, run);
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
      {(mayDelete || mend !== undefined) && (
        <DropdownMenu
          button={
            <ActionIcon variant="default" size="lg" aria-label="More actions">
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          }
        >
          {mend !== undefined && (
            <MenuAction Icon={IconTool} onClick={mend}>
              Mend run
            </MenuAction>
          )}
          {mayDelete && (
            <MenuAction Icon={IconTrash} danger onClick={() => setIsDeleting(true)}>
              Delete
            </MenuAction>
          )}
        </DropdownMenu>
      )}
      {repair.dialog}
      {isDeleting && (
        <DeleteRunDialog status={run.status} onClose={() => setIsDeleting(false)} onConfirm={remove} />
      )}
      {isReplaying && <ReplayDialog workspace={workspace} run={run} onClose={() => setIsReplaying(false)} />}
    </>
  );
}

/** Deletes the run and leaves its page. */
const useDeleteAndLeave = (workspace: string, run: Run): (() => void) => {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useDeleteRun(workspace, run);
  const onSuccess = async () => {
    queries.invalidateQueries({ queryKey: [workspace, "list"] });
    await navigate({ to: "/$workspace/monitoring/workflow-runs", params: { workspace } });
    queries.removeQueries({ queryKey: [workspace, "run", run.runId] });
  };
  const onError = () => queries.invalidateQueries({ queryKey: [workspace, "run", run.runId] });
  return () => remove.mutate(undefined, { onSuccess, onError });
};
