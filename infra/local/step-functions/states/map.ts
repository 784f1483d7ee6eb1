import { randomUUID } from "node:crypto";
import { isJsonObject, type Json } from "../../../../shared/model/json.ts";
import { evaluating, runtimeFailure } from "../failure.ts";
import { display, effectiveInput, numberField, QUERY_ERROR, unexpectedType } from "../io.ts";
import type { StateModule } from "../kernel.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata.ts";
import { evaluatePath } from "../language/jsonpath.ts";
import { evaluateTemplate } from "../language/template.ts";
import type { JsonataScope } from "../language/types.ts";
import type { Control } from "../model.ts";
import { isDistributed, type Visit } from "../visit.ts";
import { join, results } from "./parallel.ts";

async function itemsOf(visit: Visit, scope: JsonataScope): Promise<Json[]> {
  const { Items: template, ItemsPath: path } = visit.state;
  if (visit.jsonata) {
    const items =
      template === undefined
        ? scope.input
        : await evaluating(visit, "Items", () => evaluateJsonata(template, scope, "Items"));
    if (Array.isArray(items)) return items;
    throw runtimeFailure(
      visit,
      template !== undefined && isJsonataString(template)
        ? unexpectedType(template, "Items", "array", items)
        : `Reference path "$" must point to array.`,
      QUERY_ERROR,
      "Items",
    );
  }
  const reference = typeof path === "string" ? path : "$";
  const items = await evaluating(visit, "ItemsPath", () => evaluatePath(reference, scope));
  if (Array.isArray(items)) return items;
  throw runtimeFailure(visit, `Reference path "${reference}" must point to array.`);
}

async function inputOf(visit: Visit, scope: JsonataScope, value: Json, index: number): Promise<Json> {
  const field = visit.state["ItemSelector"] === undefined && !visit.jsonata ? "Parameters" : "ItemSelector";
  const selector = visit.state[field];
  if (selector === undefined) return value;
  const over = visit.scope({ input: scope.input, item: { index, value } });
  return evaluating(visit, field, () =>
    visit.jsonata ? evaluateJsonata(selector, over, field) : evaluateTemplate(selector, over),
  );
}

/** ItemBatcher of a distributed Map: so many items are one child's input. */
function batched(visit: Visit, inputs: readonly Json[]): Json[] {
  const batcher = visit.state["ItemBatcher"];
  if (!isJsonObject(batcher)) return [...inputs];
  const { MaxItemsPerBatch: size, BatchInput: common } = batcher;
  const step = typeof size === "number" && size > 0 ? size : Math.max(inputs.length, 1);
  const batches: Json[] = [];
  for (let at = 0; at < inputs.length; at += step)
    batches.push({
      ...(common === undefined ? {} : { BatchInput: common }),
      Items: inputs.slice(at, at + step),
    });
  return batches;
}

async function tolerated(visit: Visit, scope: JsonataScope, total: number): Promise<number> {
  const count = await numberField(visit, "ToleratedFailureCount", scope);
  const percentage = await numberField(visit, "ToleratedFailurePercentage", scope);
  if (percentage !== undefined && percentage > 100)
    throw runtimeFailure(visit, "ToleratedFailurePercentage must be between 0 and 100.");
  return Math.max(count ?? 0, Math.floor(((percentage ?? 0) / 100) * total));
}

export const map: StateModule = {
  async run(visit, kernel) {
    const scope = visit.scope({ input: await effectiveInput(visit) });
    const items = await itemsOf(visit, scope);
    const concurrency = (await numberField(visit, "MaxConcurrency", scope)) ?? 0;
    const inputs: Json[] = [];
    for (const [index, value] of items.entries()) inputs.push(await inputOf(visit, scope, value, index));
    if (!isDistributed(visit.state)) {
      const threads = inputs.map((input, index) => ({
        input: JSON.stringify(input),
        item: JSON.stringify(items[index]),
      }));
      return (frame) => {
        kernel.history.record(frame, "MapStateStarted", { length: items.length });
        kernel.transitions.fork(visit, frame, threads, { concurrency });
      };
    }
    const label = display(visit.state["Label"] ?? randomUUID());
    const run = randomUUID();
    const childArn = visit.execution.arn.replace(/:execution:([^:]+):.*$/, `:execution:$1/${label}`);
    const mapRunArn = visit.execution.arn.replace(/:execution:([^:]+):.*$/, `:mapRun:$1/${label}:${run}`);
    const limit = await tolerated(visit, scope, items.length);
    return (frame) => {
      const startedAt = kernel.clock.now();
      const threads = batched(visit, inputs).map((input) => {
        const text = JSON.stringify(input);
        const name = randomUUID();
        const child: NonNullable<Control["child"]> = { id: `${childArn}:${name}`, name, startedAt };
        return { input: text, item: text, child };
      });
      kernel.history.record(frame, "MapRunStarted", { mapRunArn });
      kernel.transitions.fork(visit, frame, threads, { concurrency, tolerated: limit });
    };
  },
  joined: (visit, kernel) =>
    join(
      visit,
      kernel,
      isDistributed(visit.state) ? "MapRunSucceeded" : "MapStateSucceeded",
      results(visit, kernel),
    ),
};
