import { lazy, type ReactNode, Suspense, useState } from "react";
import type { BulkAction } from "../../../shared/model/bulk.ts";
import type { BulkTarget } from "../api/bulk.ts";

const BulkDialog = lazy(() => import("./bulk-dialog.tsx"));

/** An action, and the runs that it is for. */
export interface AskedBulk {
  readonly action: BulkAction;
  readonly target: BulkTarget;
}

/** Opens the dialog of bulk operations. `onChanged` is called when runs have changed and lists must be read again. */
export const useBulkDialog = (
  workspace: string,
  onChanged: () => void,
): { readonly open: (asked: AskedBulk) => void; readonly dialog: ReactNode } => {
  const [asked, setAsked] = useState<AskedBulk>();
  const onClose = (changed: boolean) => {
    setAsked(undefined);
    if (changed) onChanged();
  };
  const dialog = asked !== undefined && (
    <Suspense>
      <BulkDialog workspace={workspace} {...asked} onClose={onClose} />
    </Suspense>
  );
  return { open: setAsked, dialog };
};
