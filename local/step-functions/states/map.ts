import { randomUUID } from "node:crypto";
import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";
import type { ObjectStore } from "../../ports/services.ts";
import { evaluating, Failed, runtimeFailure } from "../interpreter/failure.ts";
import {
  display,
  effectiveInput,
  numberField,
  QUERY_ERROR,
  unexpectedType,
} from "../interpreter/input-output.ts";
import { handleFailure } from "../interpreter/retry-and-catch.ts";
import type { Effect, StateDeps, StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata/jsonata.ts";
import { evaluatePath } from "../language/jsonpath/jsonpath.ts";
import { evaluateTemplate } from "../language/template.ts";
import type { JsonataScope } from "../language/values/types.ts";
import { isDistributed } from "../model/definition.ts";
import type { Control, Failure } from "../model/frame.ts";
import { andThen, type MaybePromise } from "../model/maybe-promise.ts";
import { READER_FAILED, readItems } from "./item-reader.ts";
import { join, results } from "./parallel.ts";
import { writeResults } from "./result-writer.ts";

async function itemsOf(visit: Visit, scope: JsonataScope, objects: ObjectStore): Promise<Json[]> {
  const { ItemReader: reader } = visit.state;
  if (isJsonObject(reader)) return readItems(visit, reader, scope, objects);
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
    let items: Json[];
    try {
      items = await itemsOf(visit, scope, deps.objects);
    } catch (error) {
      if (!(error instanceof Failed) || error.failure.error !== READER_FAILED) throw error;
      return failedRun(visit, deps, error.failure);
    }
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
    const { childArn, mapRunArn } = arnsOfRun(visit);
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
      // As recorded from the service: the items of a reader are not counted.
      const length = visit.state["ItemReader"] === undefined ? items.length : 0;
      deps.history.record(frame, "MapStateStarted", { length });
      deps.history.record(frame, "MapRunStarted", { mapRunArn });
      deps.mapRuns.begin({
        ...{ arn: mapRunArn, parent: executionOf(visit), execution: frame.execution, frame: frame.id },
        ...{ concurrency, tolerated: limit, started: startedAt },
      });
      deps.transitions.fork(visit, frame, threads, { concurrency, tolerated: limit, mapRun: mapRunArn });
    };
  },
  async joined(visit, deps) {
    if (!isDistributed(visit.state)) return join(visit, deps, ["MapStateSucceeded"], results(visit, deps));
    const { ResultWriter: writer } = visit.state;
    const result = isJsonObject(writer)
      ? await writeResults(visit, deps, writer, deps.objects)
      : results(visit, deps);
    return andThen(
      join(visit, deps, ["MapRunSucceeded", "MapStateSucceeded"], result),
      (leave) => (frame) => {
        deps.mapRuns.end(frame.control.mapRun ?? "", "SUCCEEDED", deps.clock.now());
        leave(frame);
      },
    );
  },
};

/** Returns the ARN of the execution around a visit, or of the enclosing child of a Distributed Map. */
const executionOf = ({ chain, execution }: Visit): string =>
  chain.findLast(({ control }) => control.child !== undefined)?.control.child?.id ?? execution.arn;

function arnsOfRun(visit: Visit): { readonly childArn: string; readonly mapRunArn: string } {
  const label = display(visit.state["Label"] ?? randomUUID());
  const { arn } = visit.execution;
  return {
    childArn: arn.replace(/:execution:([^:]+):.*$/, `:execution:$1/${label}`),
    mapRunArn: arn.replace(/:execution:([^:]+):.*$/, `:mapRun:$1/${label}:${randomUUID()}`),
  };
}

/** As recorded from the service: a run whose items cannot be read has started, and fails. */
const failedRun = (visit: Visit, deps: StateDeps, failure: Failure): MaybePromise<Effect> =>
  andThen(handleFailure(visit, deps, failure), (effect) => (frame) => {
    const { error, cause } = failure;
    deps.history.record(frame, "MapStateStarted", { length: 0 });
    deps.history.record(frame, "MapRunStarted", { mapRunArn: arnsOfRun(visit).mapRunArn });
    deps.history.record(frame, "MapRunFailed", { error, cause });
    effect(frame);
  });

/** Applies a Distributed Map's ItemBatcher, which limits the number of items or bytes of each child. */
async function batched(visit: Visit, scope: JsonataScope, inputs: readonly Json[]): Promise<Json[]> {
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
