import { payloadValue } from "../../asl/payload/payload-value.ts";
import { digest } from "../../model/ids.ts";
import type { Json } from "../../model/json/json.ts";
import { cutText } from "../../model/json/text.ts";
import type { ConcurrencyCap } from "../../model/schemas/flow.ts";
import type { SlotKey } from "../../store/slots/slot-item.ts";

/** Characters of a key's value that are kept for people. */
const SHOWN = 200;

/**
 * Returns the key of a record from the JSON text of its payload. Records whose payload has no value for the expression share one key, so
 * that none of them is refused and none escapes the limit.
 */
export const slotKeyOf = async ({ key: by }: ConcurrencyCap, payload: string): Promise<SlotKey> => {
  if (by === undefined) return { id: digest("slots") };
  const value = await payloadValue(by, JSON.parse(payload) as Json);
  if (value === undefined) return { id: digest("slots", by), by };
  return { id: digest("slots", by, value), by, key: cutText(value, SHOWN) };
};

/** Whether the key comes from the expression of this limit. Keys of an earlier expression get no more runs. */
export const isKeyOf = (
  key: Pick<SlotKey, "by">,
  cap: ConcurrencyCap | null | undefined,
): cap is ConcurrencyCap => cap != null && key.by === cap.key;
