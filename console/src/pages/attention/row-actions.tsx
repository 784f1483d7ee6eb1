import { ActionIcon, Group, Tooltip } from "@mantine/core";
import {
  IconDots,
  IconFlag,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconRotateClockwise,
  IconTool,
  IconTrash,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { isDeletable } from "../../../../shared/model/transitions.ts";
import { useMay } from "../../api/people.ts";
import { useDeleteRun } from "../../api/runs.ts";
import { DropdownMenu, MenuAction } from "../../components/dropdown-menu.tsx";
import { isHalted } from "../../components/status.tsx";
import { type Repair, useRepair } from "../../repair/use-repair.tsx";

const DeleteRunDialog = lazy(() => import("../../components/run/delete-run-dialog.tsx"));

/** The actions of a row: delete, and resume or repair unless the flow is paused. */
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
  const repair = useRepair(workspace, run, onChanged);
  const remove = useDeleteRun(workspace, run);
  const retry = useMay("control-runs") ? repair.retry : undefined;
  const [verb, Icon] = isHalted(run) ? ["Retry", IconRotateClockwise] : ["Resume", IconPlayerPlay];
  const mayDelete = useMay("delete") && isDeletable(run);
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {retry !== undefined && (
        <Tooltip label={verb === "Retry" ? "Retry step" : verb}>
          <ActionIcon
            variant="default"
            aria-label={`${verb} run ${run.runId}`}
            loading={repair.busy}
            onClick={retry}
          >
            <Icon size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {isHalted(run) && <MoreRepairs run={run} repair={repair} />}
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
      {repair.dialog}
      {isDeleting && (
        <Suspense>
          <DeleteRunDialog
            status={run.status}
            onClose={() => setIsDeleting(false)}
            onConfirm={() => remove.mutate(undefined, { onSettled: onChanged })}
          />
        </Suspense>
      )}
    </Group>
  );
}

/** The other ways to continue a run that an error paused. */
function MoreRepairs({ run, repair: { skip, mend, giveUp } }: { run: Run; repair: Repair }) {
  if (skip === undefined && mend === undefined && giveUp === undefined) return null;
  return (
    <DropdownMenu
      button={
        <ActionIcon variant="default" aria-label={`More actions for run ${run.runId}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      }
    >
      {skip !== undefined && (
        <MenuAction Icon={IconPlayerSkipForward} onClick={skip}>
          Skip step
        </MenuAction>
      )}
      {mend !== undefined && (
        <MenuAction Icon={IconTool} onClick={mend}>
          Mend run
        </MenuAction>
      )}
      {giveUp !== undefined && (
        <MenuAction Icon={IconFlag} danger onClick={giveUp}>
          Give up
        </MenuAction>
      )}
    </DropdownMenu>
  );
}
