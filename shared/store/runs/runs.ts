import { cancellationOf } from "../../aws/aws-errors.ts";
import type { Pass } from "../../model/holds/pass.ts";
import { cutText } from "../../model/json/text.ts";
import { MAX_CAUSE, MAX_ERROR_NAME } from "../../model/limits.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { Change, Clause } from "../expressions.ts";
import { type QueueItem, queueItem } from "../flows/queues.ts";
import type { Intent } from "../intent.ts";
import type { ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { slotQueueItem } from "../slots/slot-queue.ts";
import { archiveAudit } from "./audit-archive.ts";
import { dueAt } from "./index-attributes.ts";
import { attributeItems } from "./run-attributes.ts";
import {
  allows,
  asRead,
  atPlace,
  FOLLOWS_ACTIVE,
  HAS_NO_SLOT,
  HAS_SLOT,
  hasIntent,
  hasPass,
  inStatus,
  isAtItsPlace,
  NOT_DELETED,
  notOlderThan,
  ofFlow,
  overIntent,
  RUNS_FREELY,
  waitsFor,
  withSlot,
} from "./run-clauses.ts";
import { type OutputItem, relatedKeys } from "./run-contents.ts";
import type { RunItem } from "./run-item.ts";
import { type ActiveVersion, RunReader } from "./run-reader.ts";
import { type RunWriteResult, runWriteResult, writeRun } from "./run-write.ts";
import { applyChanges, type Patch, type StatusChange } from "./status-change.ts";
import { newItem, STORED_NAMES } from "./stored-run.ts";
import { type RunDeletion, tombstone } from "./tombstone.ts";

/** A visit to a top-level step, as its gate reports it. */
interface StepEntry {
  readonly incarnation: string;
  /** Name of the state machine of an attached flow. */
  readonly machine?: string | undefined;
  /** Name of the execution, if Sluice did not start it. */
  readonly execution?: string | undefined;
  readonly attempt: number;
  readonly currentStep: NonNullable<RunItem["currentStep"]>;
  /** The flow has a concurrency limit, so that its runs have slots. */
  readonly needsSlot?: boolean;
  /** ISO 8601. */
  readonly now: string;
  /** Events to take off the run's history budget. */
  readonly growth?: number;
  /** What the run needs, because its flow is held. */
  readonly pass?: Pass;
}

/** Returns the record of a new run in the queue of its key or of a hold. */
const queuedItem = (run: RunItem, record: QueueItem) =>
  run.waitsFor === undefined ? queueItem(run, record) : slotQueueItem(run, run.waitsFor, record);

const CREATE_TRIES = 5;
const INTENT_TRIES = 5;

/** Writes runs. Every write is conditional on the run as it was read; only `changeStatus` changes a status. */
export class RunStore extends RunReader {
  /**
   * Writes the run, its payload, its user's permissions, its attributes and its queue item in one transaction. An existing run is returned
   * unchanged.
   */
  async create(
    run: RunItem,
    payload: string,
    queued?: QueueItem,
    permissions: readonly string[] = [],
  ): Promise<{ created: boolean; run: RunItem }> {
    const { workspace, runId } = run;
    const input = permissions.length === 0 ? { payload } : { payload, permissions };
    for (let tries = 1; ; tries += 1) {
      try {
        await this.table.transact((TableName) => [
          { Put: { TableName, Item: newItem(run), ConditionExpression: "attribute_not_exists(PK)" } },
          { Put: { TableName, Item: { ...keys.payload(workspace, runId), ...input } } },
          ...attributeItems(run).map((Item) => ({ Put: { TableName, Item } })),
          ...(queued === undefined ? [] : [{ Put: { TableName, Item: queuedItem(run, queued) } }]),
        ]);
        return { created: true, run };
      } catch (error) {
        if (cancellationOf(error) === undefined) throw error;
        const existing = await this.get(workspace, runId);
        if (existing !== undefined) return { created: false, run: existing };
        if (tries >= CREATE_TRIES) throw error; // conflicts with a transaction that has not written yet
      }
    }
  }

  /**
   * Writes status changes and a patch to the run as it was read, all in one write. The condition is the revision and the
   * statuses from which the transition table allows the first change.
   */
  async changeStatus(
    run: RunItem,
    changes: readonly [StatusChange, ...StatusChange[]],
    patch: Patch = {},
  ): Promise<RunWriteResult> {
    const { next, entries } = applyChanges(run, changes, patch);
    const result = await writeRun(this.table, {
      ...{ before: run, after: next, patch, entries },
      when: [
        asRead(run),
        allows(changes[0].transition),
        ...(patch.set?.intent === undefined ? [] : [overIntent(run.intent)]),
      ],
    });
    if (result.ok) await archiveAudit(this.table, result.run);
    return result;
  }

  /** Updates attributes other than the status, at the same revision, and the run's index attributes. */
  async updateAttributes(run: RunItem, patch: Patch, ...conditions: Change["when"]): Promise<RunWriteResult> {
    const { next } = applyChanges(run, [], patch);
    const when = [asRead(run), ...conditions];
    return writeRun(this.table, { before: run, after: next, patch, entries: [], when });
  }

  /**
   * Moves a running run to another step without reading it first, as most gates do. Rejected for an older visit, another
   * machine, execution or status, before it has arrived where it continues, past the deadline, for a run with a breakpoint or a number of steps, without a slot or pass that it needs, and if the history budget is smaller
   * than `growth`.
   */
  async enterStep(workspace: string, runId: string, entry: StepEntry): Promise<RunWriteResult> {
    const { incarnation, machine, execution, attempt, currentStep, now, growth, needsSlot, pass } = entry;
    const budget = STORED_NAMES.historyBudget;
    return this.#update(
      { workspace, runId },
      {
        set: { currentStep },
        ...(growth === undefined ? {} : { add: { [budget]: -growth } }),
        when: [
          inStatus("running"),
          RUNS_FREELY,
          { text: "attempt = :attempt", values: { ":attempt": attempt } },
          ofFlow(incarnation, attempt === 1 ? { machine, execution } : { machine }),
          ...(machine === undefined ? [] : [isAtItsPlace(attempt, currentStep.stepId)]),
          { text: "attribute_not_exists(deadline) OR deadline > :now", values: { ":now": now } },
          notOlderThan(currentStep.entered),
          ...(needsSlot === true ? [HAS_SLOT] : []),
          ...hasPass(pass ?? {}),
          ...(growth === undefined ? [] : [{ text: `${budget} >= :growth`, values: { ":growth": growth } }]),
        ],
      },
    );
  }

  /** Sets the run's breakpoint, at the same revision. */
  async setBreakpoint(
    run: RunItem,
    pauseBefore: NonNullable<RunItem["pauseBefore"]>,
  ): Promise<RunWriteResult> {
    return this.updateAttributes(run, { set: { pauseBefore } }, NOT_DELETED);
  }

  /**
   * Records since when (ISO 8601) the run has been parked as a whole, and before which state if that is one, unless its pause is another by
   * now.
   */
  async markParked(run: RunItem, at: string, before?: string): Promise<RunWriteResult> {
    const first = { text: "attribute_not_exists(parkedAt)" };
    const parkedBefore = before === undefined ? {} : { parkedBefore: { at, state: before } };
    const written = await this.updateAttributes(run, { set: { parkedAt: at, ...parkedBefore } }, first);
    const known = written.ok ? undefined : written.current?.parkedAt;
    if (known === undefined || before === undefined) return written;
    // A reader has found in the history that the run is parked, but not before which state. Without this write, nobody knows that.
    const same = { text: "parkedAt = :known", values: { ":known": known } };
    return this.updateAttributes(run, { set: { parkedBefore: { at: known, state: before } } }, same);
  }

  /** Records that everything that a halted run needs to continue is stored. `group`: the group of its failure, if it is another. */
  async markStanding(
    run: RunItem,
    pausedBy: NonNullable<RunItem["pausedBy"]>,
    group: Pick<RunItem, "failure"> = {},
  ): Promise<RunWriteResult> {
    const first = { text: "attribute_not_exists(parkedAt)" };
    const patch: Patch = { set: { pausedBy, parkedAt: pausedBy.at, ...group }, remove: ["checkAt"] };
    return this.updateAttributes(run, patch, first);
  }

  /** Records, before the first token of the run is parked, that some token may be. */
  async announcePark(run: RunItem): Promise<RunWriteResult> {
    return this.#update(run, { remove: [STORED_NAMES.neverParked], when: [asRead(run)] });
  }

  /**
   * Takes the run off its flow's queue, with the intent to start it, at the same revision. Rejected unless it is queued there. With
   * `active`, it begins on that version, and the write is rejected for a run that keeps its own. With `canary`, it goes along with that.
   */
  async dequeue(
    workspace: string,
    item: QueueItem,
    intent: Intent,
    now: string,
    {
      active,
      canary,
    }: { readonly active?: ActiveVersion | undefined; readonly canary?: string | undefined } = {},
  ): Promise<RunWriteResult> {
    const { runId, time } = item;
    return this.#update(
      { workspace, runId },
      {
        set: {
          ...{ intent, updatedAt: now, ...dueAt(runId, intent.due), ...active },
          ...(canary === undefined ? {} : { canary }),
        },
        remove: ["queuedAt"],
        when: [
          inStatus("pending"),
          atPlace(time),
          waitsFor(undefined),
          ...(active === undefined ? [] : [FOLLOWS_ACTIVE]),
        ],
      },
    );
  }

  /** Takes the run along with a canary, with the intent to wake it. */
  async joinCanary(run: RunItem, canary: string, intent: Intent): Promise<RunWriteResult> {
    return this.updateAttributes(run, { set: { canary, intent } }, overIntent(run.intent), NOT_DELETED);
  }

  /** Changes the place of a queued run without a slot, at the same revision. `from`: the key for which it waited. */
  async leaveQueue(run: RunItem, from: string | undefined, patch: Patch): Promise<RunWriteResult> {
    const unchanged = [atPlace(run.queuedAt), waitsFor(from), HAS_NO_SLOT, NOT_DELETED];
    const intent = patch.set?.intent === undefined ? [] : [overIntent(run.intent)];
    return this.updateAttributes(run, patch, ...unchanged, ...intent);
  }

  /** Gives an open run the slot that was claimed for it, unless it has changed, or has another slot by now. */
  async takeSlot(run: RunItem, key: string): Promise<RunWriteResult> {
    const when = [asRead(run), NOT_DELETED, atPlace(run.queuedAt), withSlot(run.slot)];
    return this.#update(run, { set: { slot: { key } }, when });
  }

  /** Records that the slot of an ended run has been released. */
  async releaseSlot(run: RunItem): Promise<RunWriteResult> {
    return this.updateAttributes(run, { remove: ["slot"] }, HAS_SLOT);
  }

  /** Sets when the sweeper releases the slot of an ended run again (ISO 8601), unless it has been released. */
  async retryRelease(run: RunItem, slot: NonNullable<RunItem["slot"]>): Promise<RunWriteResult> {
    return this.updateAttributes(run, { set: { slot } }, HAS_SLOT);
  }

  /** Starts another attempt if another run's execution already has the current attempt's name and nothing has begun in it. */
  async nextAttempt(run: RunItem): Promise<RunWriteResult> {
    const { continuedFrom, historyBudget } = STORED_NAMES;
    const continued = `attribute_exists(${continuedFrom}) AND attribute_not_exists(${historyBudget})`;
    return this.#update(run, {
      set: { attempt: run.attempt + 1 },
      when: [
        { text: "attempt = :attempt", values: { ":attempt": run.attempt } },
        NOT_DELETED,
        { text: `attribute_not_exists(startedAt) OR (${continued})` },
      ],
    });
  }

  /**
   * Continues the run as new: gives it the next attempt, with the intent to start that execution. Rejected if anything has
   * changed since the run was read, including its intent, which this one replaces. `moves`: if the next execution is that of
   * another machine.
   */
  async continueAsNew(
    run: RunItem,
    intent: Intent,
    moves: Pick<RunItem, "moves"> = {},
  ): Promise<RunWriteResult> {
    const { attempt } = run;
    const patch: Patch = {
      set: { attempt: attempt + 1, continuedFrom: attempt, intent, ...moves },
      remove: ["historyBudget", "entry"],
    };
    return this.updateAttributes(run, patch, overIntent(run.intent), NOT_DELETED);
  }

  /** Clears the intent, if the run still has it. The check of a silent run then falls due when the intent would have. */
  async clearIntent(run: RunItem, id: string): Promise<void> {
    await this.#updateIntent(run, id, ({ status, checkAt, intent }) => ({
      set: isTerminal(status) || intent === undefined ? {} : { checkAt: checkAt ?? intent.due },
      remove: ["intent"],
    }));
  }

  /**
   * Records that the executions have been stopped, or with `due` (ISO 8601) when to try again. Does nothing if others are to be
   * stopped by now.
   */
  async settleStops(
    run: RunItem,
    { id, attempts }: NonNullable<RunItem["toStop"]>,
    due?: string,
  ): Promise<void> {
    const own: Clause = { text: "toStop.id = :stop", values: { ":stop": id } };
    let current: RunItem | undefined = run;
    for (let tries = 0; current?.toStop?.id === id && tries < INTENT_TRIES; tries += 1) {
      const patch: Patch =
        due === undefined ? { remove: ["toStop"] } : { set: { toStop: { id, attempts, due } } };
      const result: RunWriteResult = await this.updateAttributes(current, patch, own);
      if (result.ok) return;
      current = result.current;
    }
  }

  /** Postpones the intent, if the run still has it; otherwise returns false. */
  async retryIntent(run: RunItem, intent: Intent): Promise<boolean> {
    return this.#updateIntent(run, intent.id, () => ({ set: { intent } }));
  }

  /**
   * Writes the output, or the error, of a run that is about to end. A concurrent end may still win, so output and error have
   * separate attributes, and the run's status decides which of them counts.
   */
  async putOutput(workspace: string, runId: string, output: OutputItem): Promise<void> {
    const { output: text, after, completed, error, cause } = output;
    const set = {
      ...{ output: text, after, completed },
      // Cut so that the item has room for them and the longest output.
      ...{ error: error && cutText(error, MAX_ERROR_NAME), cause: cause && cutText(cause, MAX_CAUSE) },
    };
    if (Object.values(set).every((value) => value === undefined)) return;
    await this.table.update(keys.output(workspace, runId), { set, when: [] });
  }

  /** Adds an output that a reader found in the execution, unless the run has been deleted in the meantime. */
  async completeOutput(workspace: string, runId: string, output: string): Promise<void> {
    await this.table.update(keys.output(workspace, runId), {
      set: { output },
      when: [{ text: "attribute_exists(PK)" }],
    });
  }

  /** Replaces the run with a tombstone. Rejected if the run has changed, or left the queue, since it was read. */
  async markDeleted(run: RunItem, deletion: RunDeletion): Promise<RunWriteResult> {
    const when = [asRead(run), atPlace(run.queuedAt), NOT_DELETED];
    return this.#update(run, { ...tombstone(run, deletion), when });
  }

  /**
   * Returns the keys of all items that belong to the run. `payload`: whether the payload is among them, as is the case before
   * any purge.
   */
  async relatedKeys(run: RunItem): Promise<{ readonly keys: readonly ItemKey[]; readonly payload: boolean }> {
    const found = await relatedKeys(this.table, run);
    const payload = keys.payload(run.workspace, run.runId);
    return { keys: found, payload: found.some(({ SK }) => SK === payload.SK) };
  }

  async purge(related: readonly ItemKey[]): Promise<void> {
    await this.table.deleteMany(related);
  }

  /** Removes exactly this tombstone, not a run created since under the same id. */
  async removeTombstone(deleted: RunItem): Promise<void> {
    await this.table.deleteIf(keys.run(deleted.workspace, deleted.runId), {
      text: "deleted = :yes AND intent.id = :intent",
      values: { ":yes": true, ":intent": deleted.intent?.id ?? "" },
    });
  }

  async #update(run: Pick<RunItem, "workspace" | "runId">, change: Change): Promise<RunWriteResult> {
    return runWriteResult(await this.table.update(keys.run(run.workspace, run.runId), change));
  }

  /** The condition includes the revision, since the due time is computed from the whole run; only the intent's id decides. */
  async #updateIntent(run: RunItem, id: string, change: (current: RunItem) => Patch): Promise<boolean> {
    let current: RunItem | undefined = run;
    for (let tries = 0; current?.intent?.id === id && tries < INTENT_TRIES; tries += 1) {
      const result: RunWriteResult = await this.updateAttributes(current, change(current), hasIntent(id));
      if (result.ok) return true;
      current = result.current;
    }
    return false;
  }
}
