import type { BulkAction } from "../../../shared/model/bulk.ts";

/** The verb of each action, as buttons show it. */
export const VERBS: Readonly<Record<BulkAction, string>> = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  delete: "Delete",
  replay: "Replay",
};
