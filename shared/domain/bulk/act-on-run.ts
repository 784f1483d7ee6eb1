import type { BulkAction, BulkOptions } from "../../model/bulk.ts";
import { ERROR_CODES, SluiceError } from "../../model/errors.ts";
import { digest } from "../../model/ids.ts";
import { cutText } from "../../model/json/text.ts";
import type { BulkResult } from "../../model/schemas/bulk.ts";
import type { BulkItem, BulkSlice, SelectedRun } from "../../store/bulk/bulk-item.ts";
import type { BulkJobDependencies } from "../deps.ts";
import { type ReplayRequest, replayedRunId, replayRun } from "../dispatch/replay-run.ts";
import { runChangedSinceSelection, runNotFound } from "../refusals.ts";
import { isMove } from "../repair/move-request.ts";
import { resumeRun } from "../repair/resume-run.ts";
import type { ActionRequest } from "../runs/apply-action.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { pauseRun } from "../runs/pause-run.ts";

type Working = BulkItem & { readonly slice: BulkSlice };
type ActionResult = Pick<BulkResult, "newRunId">;

interface RunActionRequest extends ActionRequest {
  readonly starter: { readonly actor: BulkItem["createdBy"]; readonly permissions: readonly string[] };
  readonly idempotencyKey: string;
  readonly options: BulkOptions;
}

/** The use cases of single requests. */
const ACTIONS: Readonly<
  Record<BulkAction, (deps: BulkJobDependencies, asked: RunActionRequest) => Promise<ActionResult>>
> = {
  pause: async (deps, asked) => noResult(await pauseRun(deps, asked)),
  resume: async (deps, { options: { at, version, giveUp = false }, ...asked }) => {
    const move = { at, version };
    return noResult(await resumeRun(deps, { ...asked, giveUp, ...(isMove(move) ? { move } : {}) }));
  },
  cancel: async (deps, asked) => noResult(await cancelRun(deps, asked)),
  delete: async (deps, asked) => noResult(await deleteRun(deps, asked)),
  replay: async (deps, asked) => {
    const { workspace, runId, starter, idempotencyKey, ifMatch, options } = asked;
    const request = {
      ...{ workspace, runId, starter, idempotencyKey },
      ...replayOptions(options),
      ...(ifMatch === undefined ? {} : { ifMatch }),
    };
    return { newRunId: (await replayRun(deps, request)).record.runId };
  },
};
/** A replay runs on the same version or the latest; the request is refused otherwise. */
export const replayOptions = ({ from, version }: BulkOptions): Pick<ReplayRequest, "from" | "version"> => ({
  from,
  version: typeof version === "number" ? undefined : version,
});
const noResult = (_done: unknown): ActionResult => ({});

/**
 * After this many attempts at its slice, a run on which the action keeps failing counts as failed, so that it does not hold up
 * the others.
 */
const MAX_ATTEMPTS = 5;

/**
 * Applies the operation's action to a run as it was selected, at most once however often it is called. Throws failures that the
 * next attempt may not encounter.
 */
export const actOnRun = async (
  deps: BulkJobDependencies,
  bulk: Working,
  run: SelectedRun,
): Promise<BulkResult> => {
  const { runId } = run;
  if (run.rev === 0) return skipped(runId, runNotFound());
  const asked = requestFor(bulk, run);
  try {
    return { runId, outcome: "succeeded", ...(await ACTIONS[bulk.action](deps, asked)) };
  } catch (error) {
    if (!isRefusal(error)) {
      if (bulk.slice.tries < MAX_ATTEMPTS) throw error;
      const { code, message } = deps.refusalOf(error);
      return { runId, outcome: "failed", code, detail: cutText(message, MAX_DETAIL) };
    }
    const earlier = bulk.slice.tries > 0 ? await ownEarlier(deps, bulk, asked, error) : undefined;
    if (earlier !== undefined) return { runId, outcome: "succeeded", ...earlier };
    return skipped(
      runId,
      hasChanged(run, error) ? runChangedSinceSelection(error.fields["currentStatus"]) : error,
    );
  }
};

/** Maximum length of a result's detail, in characters: the results of a slice are one item. */
const MAX_DETAIL = 1_000;

const skipped = (runId: string, { code, message }: SluiceError): BulkResult => ({
  ...{ runId, outcome: "skipped", code, detail: cutText(message, MAX_DETAIL) },
});

const requestFor = (bulk: BulkItem, { runId, rev }: SelectedRun): RunActionRequest => {
  const { workspace, bulkId, createdBy: actor, permissions, reason, options = {} } = bulk;
  return {
    ...{ workspace, runId, actor, ifMatch: rev, op: markOf(bulk), options, starter: { actor, permissions } },
    ...(reason === undefined ? {} : { reason }),
    // Longer than a client's own key may be, so it never collides with one.
    idempotencyKey: `bulk ${"".padStart(255, "0")} ${bulkId}`,
  };
};

/** Returns the mark of the operation's own changes in a run's audit. */
const markOf = ({ bulkId }: BulkItem): string => digest("bulk", bulkId);

/** Whether the run's state refuses the action. Other failures may be temporary. */
const isRefusal = (error: unknown): error is SluiceError =>
  error instanceof SluiceError && error.code !== "too_many_requests" && ERROR_CODES[error.code].status < 500;

/** Whether somebody else changed the run after it was selected. */
const hasChanged = (run: SelectedRun, { code, fields }: SluiceError): boolean =>
  code === "state_changed" || (code === "run_already_terminal" && fields["rev"] !== run.rev);

/**
 * Recognizes the change that this operation made to the run before its worker died; undefined if it made none. A status change
 * is recognized by its mark at the revision after the selected one, a replay by its run. A tombstone has the mark too, but may
 * already be gone: if a run existed when the slice was claimed and nothing is left of it, the operation deleted it.
 */
const ownEarlier = async (
  deps: BulkJobDependencies,
  bulk: Working,
  asked: RunActionRequest,
  refusal: SluiceError,
): Promise<ActionResult | undefined> => {
  const { workspace, runId, ifMatch = 0 } = asked;
  if (bulk.action === "delete") {
    const gone = refusal.code === "not_found" && (await deps.runs.get(workspace, runId)) === undefined;
    return gone ? {} : undefined;
  }
  if (bulk.action === "replay") {
    const newRunId = replayedRunId(asked, asked.idempotencyKey);
    return (await deps.runs.get(workspace, newRunId)) === undefined ? undefined : { newRunId };
  }
  const record = await deps.runs.get(workspace, runId);
  if (record === undefined) return undefined;
  return (await deps.runs.auditEntry(record, ifMatch + 1))?.op === markOf(bulk) ? {} : undefined;
};
