import { Text } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { ApiError } from "../../../shared/client/api-error.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { useMay } from "../api/people.ts";
import { type ResumeBody, useControlRun } from "../api/runs.ts";
import { FormDialog } from "../components/form-dialog.tsx";
import { session } from "../session/session.ts";

const MendDialog = lazy(() => import("./mend-dialog.tsx"));

export interface Resume {
  /** Whether the run's status and the person's role allow it. */
  readonly may: boolean;
  readonly resume: (body?: ResumeBody) => void;
  readonly busy: boolean;
  /** The question that a refusal of the service raises. */
  readonly dialog: ReactNode;
}

const codeOf = (error: unknown) => (error instanceof ApiError ? error.code : undefined);

/**
 * Resumes a run where it stopped. If it cannot continue there, the form for other places opens; if its user lacks permissions, an
 * administrator is asked to vouch for them.
 */
export const useResume = (workspace: string, run: Run, onSettled: () => void = () => undefined): Resume => {
  const [refusal, setRefusal] = useState<ApiError>();
  const mayControl = useMay("control-runs");
  const mayResume = useMay("resume-runs") && (mayControl || run.startedBy === session.current()?.userId);
  const mayOverride = useMay("override-access");
  const mayMend = useMay("repair-runs");
  const isMendRefusal = (error: unknown) => mayMend && codeOf(error) === "resume_not_possible";
  const control = useControlRun(workspace, run.runId, isMendRefusal);
  const resume = (body: ResumeBody = {}) =>
    control.mutate(
      { action: "resume", rev: run.rev, body },
      {
        onError: (error) => setRefusal(error instanceof ApiError ? error : undefined),
        onSettled: (_run, error) => {
          // While the form is open, its run stays in the list.
          if (!isMendRefusal(error)) onSettled();
        },
      },
    );
  const close = () => setRefusal(undefined);
  return {
    may: mayResume && run.allowedActions.includes("resume") && run.pausedBy?.kind !== "flow",
    resume,
    busy: control.isPending,
    dialog: (
      <>
        {refusal?.code === "running_user_lost_access" && mayOverride && (
          <OverrideDialog
            detail={refusal.message}
            onClose={close}
            onConfirm={() => {
              close();
              resume({ override: true });
            }}
          />
        )}
        {refusal !== undefined && isMendRefusal(refusal) && (
          <Suspense>
            <MendDialog
              {...{ workspace, run, refusal }}
              way="again"
              onClose={() => {
                close();
                onSettled();
              }}
            />
          </Suspense>
        )}
      </>
    ),
  };
};

/** Lets an administrator resume although the run's user lacks permissions; the audit trail records it. */
function OverrideDialog({
  detail,
  ...dialog
}: {
  detail: string;
  onClose: () => void;
  onConfirm: () => void;
}) {
  return (
    <FormDialog title="Resume anyway?" confirm="Resume with override" back="Keep paused" {...dialog}>
      <Text size="sm">{detail}</Text>
      <Text size="sm">
        As an administrator, you can grant these permissions to this run only. The audit trail records that
        you did.
      </Text>
    </FormDialog>
  );
}
