import { iso } from "../model/clock.ts";
import { isTerminal } from "../model/transitions.ts";
import type { RunRecord } from "../store/records.ts";
import { actionNotAllowed, type ControlRequest, existing, stateChanged } from "./control.ts";
import type { Engine } from "./engine.ts";
import { newIntent } from "./intents.ts";
import { performIntentOrLeave } from "./perform-intent.ts";
import { isQueued, leaveQueue } from "./queued-run.ts";

/**
 * How long a tombstone meets late writers: longer than anything that could still write, and than Step Functions keeps the name of
 * an execution (90 days), since an idempotency key used again then would give a run whose start finds the old execution.
 */
const TOMBSTONE_SECONDS = 400 * 86_400;
const TRIES = 3;

/** Runs that stand still: over, paused, or queued behind a hold. */
const deletable = (run: RunRecord): boolean =>
  isTerminal(run.status) || run.status === "paused" || isQueued(run);

/**
 * Deletes the run for good. The tombstone first, with the intent to purge: it closes every gate and takes the run out of
 * all lists in one write; then the execution is stopped and the data deleted, by the sweeper if this process dies.
 */
export const deleteRun = async (engine: Engine, request: Omit<ControlRequest, "reason">): Promise<void> => {
  let record = existing(await engine.runs.get(request.workspace, request.runId));
  for (let tries = 1; ; tries += 1) {
    if (request.ifMatch !== undefined && request.ifMatch !== record.rev) throw stateChanged(record);
    if (!deletable(record)) throw tries === 1 ? actionNotAllowed(record, "delete") : stateChanged(record);
    const now = engine.clock.now();
    const intent = newIntent(["purge", "stop"], undefined, now, engine.ids);
    const expires = Math.ceil(now / 1000) + TOMBSTONE_SECONDS;
    const written = await engine.runs.bury(record, intent, iso(now), expires);
    if (written.ok) {
      await leaveQueue(engine, record, true);
      await performIntentOrLeave(engine, written.record);
      return;
    }
    if (written.current?.intent?.id === intent.id) {
      await performIntentOrLeave(engine, written.current); // our own write, retried by the SDK
      return;
    }
    record = existing(written.current);
    if (tries === TRIES) throw stateChanged(record);
  }
};
