import { payloadValue } from "../../asl/payload/payload-value.ts";
import type { Json } from "../../model/json/json.ts";
import { MAX_ATTRIBUTE_BYTES } from "../../model/limits.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";

/** Returns the attributes of a new run from the JSON text of its payload. One without a value, or with a long one, is left out. */
export const attributesOf = async (
  { index = {} }: Pick<FlowItem, "index">,
  text: string,
): Promise<Pick<RunItem, "attributes">> => {
  const expressions = Object.entries(index);
  if (expressions.length === 0) return {};
  const payload = JSON.parse(text) as Json;
  const values = await Promise.all(
    expressions.map(async ([name, expression]) => [name, await payloadValue(expression, payload)] as const),
  );
  const found = values.filter((entry): entry is [string, string] => isIndexed(entry[1]));
  return found.length === 0 ? {} : { attributes: Object.fromEntries(found) };
};

const isIndexed = (value: string | undefined): boolean =>
  value?.isWellFormed() === true && Buffer.byteLength(value) <= MAX_ATTRIBUTE_BYTES;
