import { randomUUID } from "node:crypto";
import type { Json } from "../../../shared/model/json/json.ts";
import { evaluating, Failed, runtimeFailure } from "../interpreter/failure.ts";
import {
  display,
  effectiveInput,
  numberField,
  QUERY_ERROR,
  unexpectedType,
} from "../interpreter/input-output.ts";
import { handleFailure } from "../interpreter/retry-and-catch.ts";
import type { StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata/jsonata.ts";
import { evaluatePath } from "../language/jsonpath/jsonpath.ts";
import { evaluateTemplate } from "../language/template.ts";
import type { JsonataScope } from "../language/values/types.ts";
import { isDistributed } from "../model/definition.ts";
import type { Control } from "../model/frame.ts";
import { andThen, type MaybePromise } from "../model/maybe-promise.ts";
import { batched } from "./batches.ts";
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
        : `Map state input must be an array but was: ${JSON.stringify(items)}`,
      QUERY_ERROR,
      ...(template === undefined ? [] : ["Items"]),
    );
  }
  const reference = typeof path === "string" ? path : "$";
  const items = evaluating(visit, "ItemsPath", () => evaluatePath(reference, scope));
  if (Array.isArray(items)) return items;
  throw runtimeFailure(visit, `Reference path "${reference}" must point to array.`);
}

function inputOf(visit: Visit, scope: JsonataScope, value: Json, index: number): MaybePromise<Json> {
  const field = visit.state["ItemSelector"] === undefined && !visit.jsonata ? "Parameters" : "ItemSelector";
  const selector = visit.state[field];
  if (selector === undefined) return value;
  const over = visit.scope({ input: scope.input, item: { index, value } });
  return evaluating(visit, field, () =>
    visit.jsonata ? evaluateJsonata(selector, over, field) : evaluateTemplate(selector, over),
  );
}

async function tolerated(visit: Visit, scope: JsonataScope, total: number): Promise<number> {
  const count = await numberField(visit, "ToleratedFailureCount", scope);
  const percentage = await numberField(visit, "ToleratedFailurePercentage", scope);
  if (count !== undefined && count < 0)
    throw runtimeFailure(visit, "ToleratedFailureCount cannot be negative.");
  if (percentage !== undefined && (percentage < 0 || percentage > 100))
    throw runtimeFailure(visit, "ToleratedFailurePercentage must be between 0 and 100.");
  return Math.max(count ?? 0, Math.floor(((percentage ?? 0) / 100) * total));
}

export const map: StateModule = {
  async run(visit, deps) {
    const scope = visit.scope({ input: effectiveInput(visit) });
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
        deps.history.record(frame, "MapStateStarted", { length: items.length });
        deps.transitions.fork(visit, frame, threads, { concurrency });
      };
    }
    const label = display(visit.state["Label"] ?? randomUUID());
    const run = randomUUID();
    const childArn = visit.execution.arn.replace(/:execution:([^:]+):.*$/, `:execution:$1/${label}`);
    const mapRunArn = visit.execution.arn.replace(/:execution:([^:]+):.*$/, `:mapRun:$1/${label}:${run}`);
    let limit: number;
    try {
      limit = await tolerated(visit, scope, items.length);
    } catch (error) {
      if (visit.jsonata || !(error instanceof Failed)) throw error;
      // As recorded from the service: the Map has started when it finds its tolerance invalid.
      return andThen(handleFailure(visit, deps, error.failure), (effect) => (frame) => {
        deps.history.record(frame, "MapStateStarted", { length: items.length });
        effect(frame);
      });
    }
    const batches = await batched(visit, scope, inputs);
    return (frame) => {
      const startedAt = deps.clock.now();
      const threads = batches.map((input) => {
        const text = JSON.stringify(input);
        const name = randomUUID();
        const child: NonNullable<Control["child"]> = { id: `${childArn}:${name}`, name, startedAt };
        return { input: text, item: text, child };
      });
      deps.history.record(frame, "MapStateStarted", { length: items.length });
      deps.history.record(frame, "MapRunStarted", { mapRunArn });
      deps.transitions.fork(visit, frame, threads, { concurrency, tolerated: limit });
    };
  },
  joined: (visit, deps) =>
    join(
      visit,
      deps,
      isDistributed(visit.state) ? ["MapRunSucceeded", "MapStateSucceeded"] : ["MapStateSucceeded"],
      results(visit, deps),
    ),
};
