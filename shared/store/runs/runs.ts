import { cancellationOf } from "../../aws/aws-errors.ts";
import { MAX_CAUSE, MAX_ERROR_NAME } from "../../model/limits.ts";
import { isTerminal } from "../../model/transitions.ts";
import { type Clause, within } from "../expressions.ts";
import { type MachineVersion, MachineVersions } from "../flows/machine-versions.ts";
import type { QueueItem } from "../flows/queues.ts";
import { queueItem } from "../flows/queues.ts";
import type { Intent } from "../intent.ts";
import { keys } from "../keys.ts";
import type { Item, ItemKey, Table } from "../table.ts";
import { entriesToArchive, mergeAudit, packedEntry } from "./audit.ts";
import { dueAt, indexAttributes } from "./index-attributes.ts";
import { allows, asRead, atPlace, beginsAt, hasIntent, notOlderThan, overIntent } from "./run-clauses.ts";
import type { OutputItem } from "./run-contents.ts";
import { contentsOf, keysBeside, type RunContents } from "./run-contents.ts";
import type { AuditEntry, RunItem } from "./run-item.ts";
import { applyChanges, type Patch, type StatusChange } from "./status-change.ts";
import { newItem, runItemOf, STORED_NAMES, storedFields, storedName } from "./stored-run.ts";
import { type RunDeletion, tombstone } from "./tombstone.ts";

/** A write that was refused carries the run as it really was; absent: there is no such run. */
export type RunWriteResult =
  | { readonly ok: true; readonly run: RunItem }
  | { readonly ok: false; readonly current?: RunItem };

/** A visit that the run's first write takes for granted: see `enter`. */
export interface Entering {
  readonly attempt: number;
  readonly currentStep: NonNullable<RunItem["currentStep"]>;
  /** ISO 8601. */
  readonly now: string;
  /** Taken off the run's historyBudget. */
  readonly growth?: number;
}

const payloadIn = (item: Item | undefined): string | undefined =>
  typeof item?.["payload"] === "string" ? item["payload"] : undefined;

const CREATE_TRIES = 5;
const INTENT_TRIES = 5;

/** The run item and what stands beside it. Every change of status goes through `changeStatus`. */
export class RunStore {
  readonly #table: Table;
  readonly #machines: MachineVersions;
  constructor(table: Table) {
    this.#table = table;
    this.#machines = new MachineVersions(table);
  }

  /** The run, a tombstone included (`deleted`); undefined when there never was one. */
  async get(workspace: string, runId: string): Promise<RunItem | undefined> {
    const item = await this.#table.get(keys.run(workspace, runId));
    return item && runItemOf(item);
  }

  /** Writes the run, its payload with the permissions of who started it, and its place in the queue at once. Where the run exists it stays as it is and is handed back. */
  async create(
    run: RunItem,
    payload: string,
    queued?: QueueItem,
    permissions: readonly string[] = [],
  ): Promise<{ created: boolean; run: RunItem }> {
    const beside = permissions.length === 0 ? { payload } : { payload, permissions };
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#table.transact((TableName) => [
          { Put: { TableName, Item: newItem(run), ConditionExpression: "attribute_not_exists(PK)" } },
          { Put: { TableName, Item: { ...keys.payload(run.workspace, run.runId), ...beside } } },
          ...(queued === undefined ? [] : [{ Put: { TableName, Item: queueItem(run, queued) } }]),
        ]);
        return { created: true, run };
      } catch (error) {
        if (cancellationOf(error) === undefined) throw error;
        const existing = await this.get(run.workspace, run.runId);
        if (existing !== undefined) return { created: false, run: existing };
        if (tries >= CREATE_TRIES) throw error; // a conflict with a rival that has not written yet
      }
    }
  }

  /** The run with its payload, in one call. */
  async getWithPayload(
    workspace: string,
    runId: string,
  ): Promise<{ readonly run: RunItem | undefined; readonly payload: string | undefined }> {
    const own = keys.run(workspace, runId);
    const items = await this.#table.getMany([own, keys.payload(workspace, runId)]);
    const item = items.find(({ SK }) => SK === own.SK);
    const beside = items.find(({ SK }) => SK !== own.SK);
    return { run: item && runItemOf(item), payload: payloadIn(beside) };
  }

  /** JSON text, to the byte as it was dispatched. */
  async payload(workspace: string, runId: string): Promise<string | undefined> {
    return payloadIn(await this.#table.get(keys.payload(workspace, runId)));
  }

  /** What the user who started the run was permitted then, where the flow runs as its user. */
  async permissionsAtStart(workspace: string, runId: string): Promise<readonly string[]> {
    const item = await this.#table.get(keys.payload(workspace, runId), "permissions");
    const { permissions } = item ?? {};
    return Array.isArray(permissions) ? permissions.map(String) : [];
  }

  async output(workspace: string, runId: string): Promise<OutputItem | undefined> {
    const item = await this.#table.get(keys.output(workspace, runId));
    return item as OutputItem | undefined;
  }

  /**
   * Adds to what stands beside the run's end. It is written before the end itself, so a rival's end may win: output and error have
   * attributes of their own, and the status says which of them counts.
   */
  async putOutput(workspace: string, runId: string, output: OutputItem): Promise<void> {
    const { output: text, after, error, cause } = output;
    const set = {
      ...{ output: text, after },
      // With the longest output beside them they still fit into the item.
      ...{ error: error?.slice(0, MAX_ERROR_NAME), cause: cause?.slice(0, MAX_CAUSE) },
    };
    if (Object.values(set).every((value) => value === undefined)) return;
    await this.#table.update(keys.output(workspace, runId), { set, when: [] });
  }

  /** What a reader learnt of the output: only beside what is there, since the run may be deleted meanwhile. */
  async completeOutput(workspace: string, runId: string, output: string): Promise<void> {
    await this.#table.update(keys.output(workspace, runId), {
      set: { output },
      when: [{ text: "attribute_exists(PK)" }],
    });
  }

  /** Output, steps and parks, in one query. */
  contents(workspace: string, runId: string): Promise<RunContents> {
    return contentsOf(this.#table, workspace, runId);
  }

  /** What executions of the run's flow version are started on. */
  machineVersion(run: RunItem): Promise<MachineVersion | undefined> {
    return this.#machines.of(run);
  }

  /** Every status change from the dispatch on, in order of rev. */
  async audit(run: RunItem): Promise<readonly AuditEntry[]> {
    const spilled: AuditEntry[] = [];
    const { PK } = keys.run(run.workspace, run.runId);
    for await (const item of this.#table.query({ key: within(PK, "A#") })) {
      const { PK: _partition, SK: _sort, ...entry } = item;
      spilled.push(entry as unknown as AuditEntry);
    }
    return mergeAudit(spilled, run.recentAudit);
  }

  /** The change that made a revision, wherever its entry stands by now. */
  async auditEntry(run: RunItem, rev: number): Promise<AuditEntry | undefined> {
    const riding = run.recentAudit.find((entry) => entry.rev === rev);
    if (riding !== undefined) return riding;
    return (await this.#table.get(keys.runAudit(run.workspace, run.runId, rev))) as AuditEntry | undefined;
  }

  /**
   * Status changes of the run exactly as it was read, all in one write. The condition is the revision and, from the
   * table, the statuses that allow the first transition; a rival's change in between refuses it.
   */
  async changeStatus(
    run: RunItem,
    changes: readonly [StatusChange, ...StatusChange[]],
    patch: Patch = {},
  ): Promise<RunWriteResult> {
    const { next, entries } = applyChanges(run, changes, patch);
    const written = await this.#write(run, next, patch, entries, [
      asRead(run),
      allows(changes[0].transition),
      ...(patch.set?.intent === undefined ? [] : [overIntent(run.intent)]),
    ]);
    if (written.ok) await this.#spill(written.run);
    return written;
  }

  /**
   * The common case at a gate, without a read: a run that is running enters another step. Refused for an older visit,
   * another execution, any other status, past the deadline, and where the history has no room for what follows that is known of.
   */
  async enterStep(workspace: string, runId: string, visit: Entering): Promise<RunWriteResult> {
    const { attempt, currentStep, now, growth } = visit;
    return written(
      await this.#table.update(keys.run(workspace, runId), {
        set: { currentStep },
        ...(growth === undefined ? {} : { add: { [STORED_NAMES.historyBudget]: -growth } }),
        when: [
          { text: "#status = :running", names: { "#status": "status" }, values: { ":running": "running" } },
          { text: "attempt = :attempt", values: { ":attempt": attempt } },
          { text: "attribute_not_exists(deadline) OR deadline > :now", values: { ":now": now } },
          notOlderThan(currentStep.entered),
          ...(growth === undefined
            ? []
            : [{ text: `${STORED_NAMES.historyBudget} >= :growth`, values: { ":growth": growth } }]),
        ],
      }),
    );
  }

  /** Attributes beside the status, while nothing changed it: no new revision. */
  async updateAttributes(run: RunItem, patch: Patch): Promise<RunWriteResult> {
    const { next } = applyChanges(run, [], patch);
    return this.#write(run, next, patch, [], [asRead(run)]);
  }

  /** The run stands still as a whole since `at`; only while it is still the pause that was read. */
  async markParked(run: RunItem, at: string): Promise<RunWriteResult> {
    return this.#write(
      run,
      { ...run, parkedAt: at },
      { set: { parkedAt: at } },
      [],
      [asRead(run), { text: "attribute_not_exists(parkedAt)" }],
    );
  }

  /** A token of the run, as it was read, is about to be parked; in no index. */
  async announcePark(run: RunItem): Promise<RunWriteResult> {
    return written(
      await this.#table.update(keys.run(run.workspace, run.runId), {
        remove: [STORED_NAMES.neverParked],
        when: [asRead(run)],
      }),
    );
  }

  /** Takes the run off its flow's queue, with the intent to start it; no new revision. Refused unless it stands there. */
  async dequeue(workspace: string, item: QueueItem, intent: Intent, now: string): Promise<RunWriteResult> {
    return written(
      await this.#table.update(keys.run(workspace, item.runId), {
        set: { intent, updatedAt: now, ...dueAt(item.runId, intent.due) },
        remove: ["queuedAt"],
        when: [
          { text: "#status = :pending", names: { "#status": "status" }, values: { ":pending": "pending" } },
          { text: "queuedAt = :place", values: { ":place": item.time } },
        ],
      }),
    );
  }

  /** Forgets the intent, if it is still this one. What was due for it is then the first look at a silent run. */
  async clearIntent(run: RunItem, id: string): Promise<void> {
    await this.#intent(run, id, ({ status, checkAt, intent }) => ({
      set: isTerminal(status) || intent === undefined ? {} : { checkAt: checkAt ?? intent.due },
      remove: ["intent"],
    }));
  }

  /** Gives the intent a later due time, if it is still this one; false where it is not. */
  async retryIntent(run: RunItem, intent: Intent): Promise<boolean> {
    return this.#intent(run, intent.id, () => ({ set: { intent } }));
  }

  /**
   * Leaves of a deleted run what its late writers must meet, in no index but that of due things. Refused where it has changed, or
   * left the queue, since it was read.
   */
  async markDeleted(run: RunItem, deletion: RunDeletion): Promise<RunWriteResult> {
    const { set, remove } = tombstone(run, deletion);
    return written(
      await this.#table.update(keys.run(run.workspace, run.runId), {
        set,
        remove,
        when: [asRead(run), atPlace(run.queuedAt), { text: "attribute_not_exists(deleted)" }],
      }),
    );
  }

  /** What stands for the run beside its own item. `payload`: nothing has been purged yet. */
  async relatedKeys(run: RunItem): Promise<{ readonly keys: readonly ItemKey[]; readonly payload: boolean }> {
    const found = await keysBeside(this.#table, run);
    const payload = keys.payload(run.workspace, run.runId);
    return { keys: found, payload: found.some(({ SK }) => SK === payload.SK) };
  }

  async purge(beside: readonly ItemKey[]): Promise<void> {
    await this.#table.deleteMany(beside);
  }

  /** The last of a deleted run: the very tombstone that was read, not a run that was made since under its id. */
  async removeTombstone(tombstoned: RunItem): Promise<void> {
    await this.#table.deleteIf(keys.run(tombstoned.workspace, tombstoned.runId), {
      text: "deleted = :yes AND intent.id = :intent",
      values: { ":yes": true, ":intent": tombstoned.intent?.id ?? "" },
    });
  }

  /**
   * The run leaves its execution as it was read, for one of the next number that goes on from it, with the intent to start that.
   * Refused where anything has changed since: an intent too, which this one takes in.
   */
  async continueAsNew(run: RunItem, intent: Intent): Promise<RunWriteResult> {
    const { attempt } = run;
    const patch: Patch = {
      set: { attempt: attempt + 1, continuedFrom: attempt, intent },
      remove: ["historyBudget"],
    };
    const { next } = applyChanges(run, [], patch);
    const undeleted = { text: "attribute_not_exists(deleted)" };
    return this.#write(run, next, patch, [], [asRead(run), overIntent(run.intent), undeleted]);
  }

  /** The execution of the run's present number is not its own: the next number, while nothing has begun in it. */
  async nextAttempt(run: RunItem): Promise<RunWriteResult> {
    return written(
      await this.#table.update(keys.run(run.workspace, run.runId), {
        set: { attempt: run.attempt + 1 },
        when: [
          { text: "attempt = :attempt", values: { ":attempt": run.attempt } },
          { text: "attribute_not_exists(deleted)" },
          {
            text: `attribute_not_exists(startedAt) OR (attribute_exists(${STORED_NAMES.continuedFrom}) AND attribute_not_exists(${STORED_NAMES.historyBudget}))`,
          },
        ],
      }),
    );
  }

  /** The revision stands in the condition since the due time is computed from the run; the intent's id decides. */
  async #intent(run: RunItem, id: string, change: (current: RunItem) => Patch): Promise<boolean> {
    let current: RunItem | undefined = run;
    for (let tries = 0; current?.intent?.id === id && tries < INTENT_TRIES; tries += 1) {
      const patch = change(current);
      const { next } = applyChanges(current, [], patch);
      const when = [asRead(current), hasIntent(id)];
      const written: RunWriteResult = await this.#write(current, next, patch, [], when);
      if (written.ok) return true;
      current = written.current;
    }
    return false;
  }

  async #write(
    run: RunItem,
    next: RunItem,
    patch: Patch,
    entries: readonly AuditEntry[],
    when: readonly Clause[],
  ): Promise<RunWriteResult> {
    const indexed = indexAttributes(next);
    const moved = next.rev !== run.rev;
    const set: Item = { ...storedFields(patch.set ?? {}), ...indexed };
    const { currentStep } = patch.set ?? {};
    if (moved) Object.assign(set, { status: next.status, rev: next.rev });
    return written(
      await this.#table.update(keys.run(run.workspace, run.runId), {
        set,
        remove: [
          ...(patch.remove ?? []).map(storedName),
          ...Object.keys(indexed).filter((name) => indexed[name] === undefined),
        ],
        append: { [STORED_NAMES.recentAudit]: entries.map(packedEntry) },
        when: currentStep === undefined ? when : [...when, notOlderThan(currentStep.entered)],
      }),
    );
  }

  /**
   * Items first, then the trim, while they are still the oldest: a death between leaves both, which readers merge. Entries that
   * rivals add meanwhile stay, so the trail grows no further however fast the run changes.
   * The change that made the trail long has taken effect, so a failure here is not its: the next change moves the entries on.
   */
  async #spill(run: RunItem): Promise<void> {
    const entries = entriesToArchive(run, isTerminal(run.status));
    const [first] = entries;
    if (first === undefined) return;
    try {
      // All at once, so that a run that changes fast adds few meanwhile.
      await Promise.all(
        entries.map((entry) =>
          this.#table.put({ ...keys.runAudit(run.workspace, run.runId, entry.rev), ...entry }),
        ),
      );
      await this.#table.update(keys.run(run.workspace, run.runId), {
        shorten: { [STORED_NAMES.recentAudit]: entries.length },
        when: [beginsAt(first.rev), { text: "attribute_not_exists(deleted)" }],
      });
    } catch {
      // The entries still ride in the run item.
    }
  }
}

const written = (answer: Awaited<ReturnType<Table["update"]>>): RunWriteResult => {
  if (answer.ok) return { ok: true, run: runItemOf(answer.item) };
  return answer.old === undefined ? { ok: false } : { ok: false, current: runItemOf(answer.old) };
};
