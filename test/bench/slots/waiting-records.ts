import { slotKeyOf } from "../../../shared/domain/slots/slot-key.ts";
import { randomIds } from "../../../shared/model/ids.ts";
import type { ConcurrencyCap } from "../../../shared/model/schemas/flow.ts";
import { iso } from "../../../shared/model/time/clock.ts";
import type { FlowIdentity } from "../../../shared/store/flows/flow-item.ts";
import { queuePlace } from "../../../shared/store/flows/queues.ts";
import { keys } from "../../../shared/store/keys.ts";
import { newItem } from "../../../shared/store/runs/stored-run.ts";
import { slotItemKey, slotsDue } from "../../../shared/store/slots/slot-item.ts";
import { slotQueueItem } from "../../../shared/store/slots/slot-queue.ts";
import { runOf } from "../stored-runs.ts";

const BEGAN = Date.now() - 86_400_000;
/** After the measurement: the sweeper has nothing to do with the keys. */
const DUE = iso(Date.now() + 86_400_000);

export const CAP = { limit: 1, key: "$.customer" } as const satisfies ConcurrencyCap;

/** Records that wait for slots of a customer, in the format of Sluice's own stores, before all that are dispatched. */
interface Waiting {
  readonly customer: string;
  readonly records: number;
  /** The first of them that have a run. A record's run is read when it is its turn, so those that never get it need none. */
  readonly runs: number;
}

export async function* waitingRecords(flow: FlowIdentity, waiting: Waiting): AsyncGenerator<object> {
  const payload = JSON.stringify({ customer: waiting.customer });
  const { id } = await slotKeyOf(CAP, payload);
  for (let n = 0; n < waiting.records; n += 1) {
    const run = { ...runOf(flow, BEGAN + n, true), waitsFor: id };
    if (n < waiting.runs) {
      yield newItem(run);
      yield { ...keys.payload(run.workspace, run.runId), payload };
    }
    yield slotQueueItem(flow, id, { ...queuePlace(run, run.createdAt), nonce: randomIds.unique() });
  }
}

/** A customer whose only slot is taken, with records that wait for it. */
export async function* fullKey(
  flow: FlowIdentity,
  customer: string,
  records: number,
): AsyncGenerator<object> {
  const { id, ...key } = await slotKeyOf(CAP, JSON.stringify({ customer }));
  const holders = { [randomIds.runId(BEGAN)]: BEGAN };
  const item = { ...slotItemKey(flow, id), ...key, holders, ...slotsDue(id, DUE) };
  yield records === 0 ? item : { ...item, waiting: randomIds.unique() };
  yield* waitingRecords(flow, { customer, records, runs: 0 });
}
