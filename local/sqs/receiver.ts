import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Message, Queues } from "../integrations/queues.ts";
import type { Clock } from "../ports/clock.ts";
import { AwsError } from "../ports/services.ts";
import { inTransaction } from "../storage/data-folder.ts";
import { JsonTable } from "../storage/json-table.ts";

/** The state of a message that was received. */
interface Receipt {
  /** Names the message and this receipt of it. */
  readonly handle: string;
  readonly receives: number;
  /** When it was first received, epoch milliseconds, as `visibleAt`. */
  readonly first: number;
  readonly visibleAt: number;
  readonly deleted?: true;
}
export interface Received {
  readonly message: Message;
  readonly receipt: Receipt;
}
interface Progress {
  /** Every message of the queue up to this number is deleted. */
  readonly after: number;
}
interface Receive {
  readonly queue: string;
  readonly most: number;
  readonly waitMs: number;
  readonly visibilityMs: number;
  readonly gone: AbortSignal | undefined;
}

/** Hands messages out to programs that receive and delete them. A message that is not deleted comes again after its visibility timeout. */
export class Receiver {
  readonly #database: DatabaseSync;
  readonly #clock: Pick<Clock, "now">;
  readonly #queues: Queues;
  readonly #receipts: JsonTable<Receipt>;
  readonly #progress: JsonTable<Progress>;

  constructor(database: DatabaseSync, clock: Pick<Clock, "now">, queues: Queues) {
    this.#database = database;
    this.#clock = clock;
    this.#queues = queues;
    this.#receipts = new JsonTable(database, "received_message", "id");
    this.#progress = new JsonTable(database, "received_queue", "queue");
  }

  /** Receives what is visible. If nothing is, waits for a new message, at most `waitMs`. */
  async receive(asked: Receive): Promise<readonly Received[]> {
    const found = this.#take(asked);
    if (found.length > 0 || asked.waitMs === 0) return found;
    await this.#arrival(asked);
    return asked.gone?.aborted === true ? [] : this.#take(asked);
  }

  /** Deletes the message. An older receipt does so too, as on AWS. */
  delete(handle: string): void {
    const [id, receipt] = this.#receiptOf(handle);
    this.#receipts.save(id, { ...receipt, deleted: true });
  }

  /** Shows the message again after this time. */
  show(handle: string, visibilityMs: number): void {
    const [id, receipt] = this.#receiptOf(handle);
    this.#receipts.save(id, { ...receipt, visibleAt: this.#clock.now() + visibilityMs });
  }

  #receiptOf(handle: string): readonly [string, Receipt] {
    const id = handle.split("#")[0] ?? "";
    const receipt = this.#receipts.get(id);
    if (receipt === undefined)
      throw new AwsError("ReceiptHandleIsInvalid", `The input receipt handle "${handle}" is not valid.`);
    return [id, receipt];
  }

  #take({ queue, most, visibilityMs }: Receive): readonly Received[] {
    return inTransaction(this.#database, () => {
      const now = this.#clock.now();
      const found: Received[] = [];
      let after = this.#progress.get(queue)?.after ?? 0;
      let isDone = true;
      for (const message of this.#queues.list(after, queue)) {
        const known = this.#receipts.get(message.id);
        if (known?.deleted !== true) isDone = false;
        else if (isDone) after = message.seq;
        if (known?.deleted === true || (known?.visibleAt ?? 0) > now) continue;
        const receipt = {
          ...{ handle: `${message.id}#${randomUUID()}`, receives: (known?.receives ?? 0) + 1 },
          ...{ first: known?.first ?? now, visibleAt: now + visibilityMs },
        };
        this.#receipts.save(message.id, receipt);
        found.push({ message, receipt });
        if (found.length === most) break;
      }
      this.#progress.save(queue, { after });
      return found;
    });
  }

  #arrival({ queue, waitMs, gone }: Receive): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        forget();
        clearTimeout(timer);
        gone?.removeEventListener("abort", end);
        resolve();
      };
      const forget = this.#queues.onMessage((name) => {
        if (name === queue) end();
      });
      // The request counts as work, for which the clock waits before it moves: its own time would not pass.
      const timer = setTimeout(end, waitMs);
      gone?.addEventListener("abort", end);
    });
  }
}
