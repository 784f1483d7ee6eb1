import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { childScope } from "../gates/children.ts";
import { asTemplate, constant } from "../gates/jsonata-text.ts";
import { childVariable, pathVariable } from "../gates/plan.ts";
import { visitPath } from "../gates/visit-path.ts";
import type { StateNode } from "../parse/machine.ts";

/**
 * Wraps the items of a Distributed Map, or the input that its batches share, together with the name of the run's execution and the place
 * of the Map: `[path, Map]`, preceded by those of the Maps and children around it. The functions flatten this list.
 */
export function wrapItems(state: StateNode, body: JsonObject): void {
  const sluice = wrapping(state);
  const { ItemBatcher: batcher } = body;
  if (isJsonObject(batcher)) {
    const { BatchInput: input } = batcher;
    const wrapped: JsonObject = { sluice, ...(input === undefined ? {} : { input }) };
    body.ItemBatcher = { ...batcher, ...roomier(batcher, wrapped), BatchInput: wrapped };
    return;
  }
  if (state.language === "JSONata") {
    body.ItemSelector = {
      sluice,
      item: body.ItemSelector ?? asTemplate("$states.context.Map.Item.Value"),
    };
    return;
  }
  const field = Object.hasOwn(body, "Parameters") ? "Parameters" : "ItemSelector";
  const { [field]: selector } = body;
  body[field] = {
    sluice,
    ...(selector === undefined ? { "item.$": "$$.Map.Item.Value" } : { item: selector }),
  };
}

function wrapping({ name, scope, language }: StateNode): JsonObject {
  const around = childScope(scope);
  const path = visitPath(scope);
  const dynamic = path.constant === undefined ? `$${pathVariable(scope.depth)}` : undefined;
  const outer = around === undefined ? undefined : `$${childVariable(around.depth)}`;
  if (language === "JSONPath") {
    const run = { "run.$": outer === undefined ? "$$.Execution.Name" : `${outer}.run` };
    if (outer === undefined && dynamic === undefined) return { ...run, map: [path.constant ?? "", name] };
    const parts = [
      ...(outer === undefined ? [] : [`${outer}.map`, "$$.Execution.Name"]),
      dynamic ?? quoted(path.constant ?? ""),
      quoted(name),
    ];
    return { ...run, "map.$": `States.Array(${parts.join(",")})` };
  }
  const execution = "$states.context.Execution.Name";
  const run = asTemplate(outer === undefined ? execution : `${outer}.run`);
  const parts = [
    ...(outer === undefined ? [] : [`${outer}.map`, execution]),
    dynamic ?? constant(path.constant ?? ""),
    constant(name),
  ];
  return { run, map: asTemplate(`[${parts.join(",")}]`) };
}

/** Quotes a string for an intrinsic function (ASL specification, "Intrinsic Functions"). */
const quoted = (text: string): string => `'${text.replaceAll(/[\\'{}]/g, "\\$&")}'`;

const MAX_BATCH_BYTES = 262_144;
/** A run's execution: `<uuid>.<n>`. */
const EXECUTION_NAME = "00000000-0000-0000-0000-000000000000.1";

/** Raises the limit of a batch by the wrapper's size, so that as many items fit as without it. */
function roomier(
  { MaxInputBytesPerBatch: bytes, BatchInput: input }: JsonObject,
  wrapped: JsonObject,
): JsonObject {
  if (typeof bytes !== "number") return {};
  const { sluice } = wrapped;
  const map: Json = isJsonObject(sluice) ? (sluice.map ?? "") : "";
  const own = { sluice: { run: EXECUTION_NAME, map }, ...(input === undefined ? {} : { input: 0 }) };
  const more = Buffer.byteLength(JSON.stringify(own)) + (input === undefined ? '"BatchInput":,'.length : -1);
  return { MaxInputBytesPerBatch: Math.min(MAX_BATCH_BYTES, bytes + more) };
}
