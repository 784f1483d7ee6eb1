import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { useMay } from "../api/people.ts";
import { ReasonDialog } from "../components/form-dialog.tsx";
import { isHalted } from "../components/status.tsx";
import { isMendable } from "./stand.ts";
import { useResume } from "./use-resume.tsx";

const MendDialog = lazy(() => import("./mend-dialog.tsx"));

export interface Repair {
  readonly busy: boolean;
  /** Tries the failed step again, or resumes a run where it stopped. */
  readonly retry: (() => void) | undefined;
  readonly skip: (() => void) | undefined;
  readonly giveUp: (() => void) | undefined;
  readonly mend: (() => void) | undefined;
  readonly dialog: ReactNode;
}

/** The ways to repair a paused run; each is undefined if the run or the person's role does not allow it. */
export const useRepair = (workspace: string, run: Run, onSettled?: () => void): Repair => {
  const [open, setOpen] = useState<"skip" | "mend" | "give-up">();
  const { may, resume, busy, dialog } = useResume(workspace, run, onSettled);
  const mayMend = useMay("repair-runs") && isMendable(run);
  const close = () => setOpen(undefined);
  return {
    busy,
    retry: may ? () => resume() : undefined,
    skip: mayMend ? () => setOpen("skip") : undefined,
    giveUp: may && isHalted(run) ? () => setOpen("give-up") : undefined,
    mend: mayMend ? () => setOpen("mend") : undefined,
    dialog: (
      <>
        {dialog}
        {open === "give-up" && (
          <ReasonDialog
            title="Give up on this run?"
            text={`The run ends as failed, with ${run.pausedBy?.error ?? "its error"}. Its remaining steps never happen. You can still replay it as a new run.`}
            confirm="Give up"
            back="Keep paused"
            onClose={close}
            onConfirm={(reason) => {
              close();
              resume({ giveUp: true, ...(reason === "" ? {} : { reason }) });
            }}
          />
        )}
        {(open === "skip" || open === "mend") && (
          <Suspense>
            <MendDialog
              {...{ workspace, run }}
              way={open === "skip" ? "skip" : "again"}
              onClose={() => {
                close();
                onSettled?.();
              }}
            />
          </Suspense>
        )}
      </>
    ),
  };
};
