import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";
import { evaluating } from "../interpreter/failure.ts";
import { numberField } from "../interpreter/input-output.ts";
import type { Visit } from "../interpreter/visit.ts";
import { evaluateJsonata } from "../language/jsonata/jsonata.ts";
import { evaluateTemplate } from "../language/template.ts";
import type { JsonataScope } from "../language/values/types.ts";

/** Applies a distributed Map's ItemBatcher: each child gets a limited number of items, or of bytes. */
export async function batched(visit: Visit, scope: JsonataScope, inputs: readonly Json[]): Promise<Json[]> {
  const batcher = visit.state["ItemBatcher"];
  if (!isJsonObject(batcher)) return [...inputs];
  const within: Visit = { ...visit, state: batcher };
  const items = (await numberField(within, "MaxItemsPerBatch", scope)) ?? Number.POSITIVE_INFINITY;
  const bytes = (await numberField(within, "MaxInputBytesPerBatch", scope)) ?? Number.POSITIVE_INFINITY;
  const { BatchInput: template } = batcher;
  const common =
    template === undefined
      ? {}
      : {
          BatchInput: await evaluating(visit, "BatchInput", () =>
            visit.jsonata
              ? evaluateJsonata(template, scope, "BatchInput")
              : evaluateTemplate(template, scope),
          ),
        };
  const sizeOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));
  const empty = sizeOf({ ...common, Items: [] });
  const batches: Json[][] = [];
  let size = 0;
  for (const input of inputs) {
    const last = batches.at(-1);
    const grown = size + sizeOf(input) + 1;
    if (last !== undefined && last.length < items && grown <= bytes) {
      last.push(input);
      size = grown;
    } else {
      batches.push([input]);
      size = empty + sizeOf(input);
    }
  }
  return batches.map((batch) => ({ ...common, Items: batch }));
}
