import type * as z from "zod";
import type { bulkPreviewSchema, replayPreviewSchema } from "../../shared/model/api/responses.ts";
import type { Bulk, BulkResult } from "../../shared/model/schemas/bulk.ts";
import { counted, visible } from "../terminal/style.ts";
import { type Column, fields } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";

export const bulkText = (bulk: Bulk): string =>
  fields([
    ["operation", bulk.bulkId],
    ["action", bulk.action],
    ["status", bulk.status],
    ["matched", String(bulk.matched)],
    ["succeeded", String(bulk.succeeded)],
    ["skipped", String(bulk.skipped)],
    ["failed", String(bulk.failed)],
    ["error", visible(bulk.error ?? "")],
    ["started", `${localTime(bulk.createdAt)} by ${visible(bulk.createdBy)}`],
    ["ended", localTime(bulk.endedAt)],
    ["reason", visible(bulk.reason ?? "")],
  ]);

type BulkPreview = z.infer<typeof bulkPreviewSchema>;

export const matchedRuns = ({ matched, more }: BulkPreview): string =>
  `${more === true ? "more than " : ""}${counted(matched, "run")}`;

/** The number of runs and, if the service says it, what happens to those at each place. */
export const previewText = (preview: BulkPreview): string =>
  [
    `${matchedRuns(preview)} ${preview.matched === 1 ? "matches" : "match"}.`,
    ...(preview.places ?? []).map(placeText),
  ].join("\n");

const placeText = (place: NonNullable<BulkPreview["places"]>[number]): string => {
  const { flowId, flowVersion, state, count, possible, code = "", detail = "", callsAgain = [] } = place;
  const at = state === "" ? "" : ` at ${visible(state)}`;
  const effect = possible ? toText(place.to, callsAgain) : `skipped: ${code} ${visible(detail)}`.trimEnd();
  return `  ${count} of ${flowId}, version ${flowVersion}${at}: ${effect}`;
};

const toText = (
  to: { readonly flowVersion: number; readonly state: string } | undefined,
  callsAgain: readonly string[],
): string => {
  const where =
    to === undefined
      ? "on the active version"
      : `${to.state === "" ? "at the end" : `at ${visible(to.state)}`} of version ${to.flowVersion}`;
  const again =
    callsAgain.length === 0
      ? "nothing is called again"
      : `may call again: ${callsAgain.map(visible).join(", ")}`;
  return `${where}; ${again}`;
};

export const replayText = ({ callsAgain, ...to }: z.infer<typeof replayPreviewSchema>): string =>
  `The replay begins ${toText(to, callsAgain)}.`;

export const bulkColumns: Column<Bulk>[] = [
  { title: "OPERATION", cell: ({ bulkId }) => bulkId },
  { title: "ACTION", cell: ({ action }) => action },
  { title: "STATUS", cell: ({ status }) => status },
  { title: "MATCHED", cell: ({ matched }) => String(matched) },
  { title: "SUCCEEDED", cell: ({ succeeded }) => String(succeeded) },
  { title: "SKIPPED", cell: ({ skipped }) => String(skipped) },
  { title: "FAILED", cell: ({ failed }) => String(failed) },
  { title: "STARTED", cell: ({ createdAt }) => localTime(createdAt) },
  { title: "BY", cell: ({ createdBy }) => createdBy },
];

export const resultColumns: Column<BulkResult>[] = [
  { title: "RUN", cell: ({ runId }) => runId },
  { title: "OUTCOME", cell: ({ outcome }) => outcome },
  { title: "NEW RUN", cell: ({ newRunId }) => newRunId ?? "" },
  { title: "WHY", cell: ({ code = "", detail = "" }) => `${code} ${detail}`.trim() },
];
