import { isTerminal } from "../../../../shared/model/transitions.ts";
import type { FlowItem } from "../../../../shared/store/flows/flow-item.ts";
import type { SlotItem } from "../../../../shared/store/slots/slot-item.ts";
import type { Item, Ledger } from "./ledger.ts";

/** The flow's incarnation and the kind of an item of slots (`K`) or of a queue for them (`W`). */
const PLACE = /#([a-z2-7]{16})#([KW])#\d+$/;
const placeOf = ({ PK }: Item) => {
  const [, incarnation = "", kind] = PLACE.exec(String(PK)) ?? [];
  return { incarnation, kind };
};
/** The records that wait for slots, and the key for which each does. */
const waitingRecords = ({ items }: Ledger) =>
  items
    .filter((item) => placeOf(item).kind === "W")
    .map((item) => ({ item, key: String(item["SK"]).split("#")[0] }));

/** Runs that wait beside a free slot, or without a limit. */
export const waitingBesideFreeSlots = (ledger: Ledger): string[] => {
  const flows = new Map(
    ledger.items
      .filter(({ SK }) => SK === "FLOW")
      .map((item) => [item["incarnation"], item as unknown as FlowItem]),
  );
  const runs = new Map(ledger.runs.map((run) => [run.runId, run]));
  return waitingRecords(ledger).flatMap(({ item, key }) => {
    const flow = flows.get(placeOf(item).incarnation);
    const run = runs.get(String(item["runId"]));
    if (flow === undefined) return [];
    if (run?.status !== "pending" || run.waitsFor !== key) return [];
    const slots = ledger.items.find((other) => other["SK"] === key && placeOf(other).kind === "K");
    const { holders = {}, by } = (slots ?? {}) as Partial<SlotItem>;
    const cap = flow.caps.concurrency;
    const used = Object.keys(holders).length;
    if (cap != null && cap.key === by && used >= cap.limit) return [];
    return [
      `${run.runId} waits for a slot of ${key}, of which ${used} are used under ${JSON.stringify(cap)}`,
    ];
  });
};

/** Slots that a run holds which has ended or was never written, and records that wait although their runs have ended. */
export const slotsLeft = (ledger: Ledger): string[] => {
  const open = new Set(ledger.runs.filter(({ status }) => !isTerminal(status)).map(({ runId }) => runId));
  const held = ledger.items
    .filter((item) => placeOf(item).kind === "K")
    .flatMap(({ SK, holders }) =>
      Object.keys((holders ?? {}) as SlotItem["holders"]).map((runId) => ({ SK, runId })),
    );
  return [
    ...held
      .filter(({ runId }) => !open.has(runId))
      .map(({ SK, runId }) => `a slot of ${SK} is lost: ${runId} does not use it`),
    ...waitingRecords(ledger).map(({ item, key }) => `a record waits for a slot of ${key}: ${item["runId"]}`),
  ];
};
