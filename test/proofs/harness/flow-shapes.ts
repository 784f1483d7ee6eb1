import type { JsonObject } from "../../../shared/model/json/json.ts";
import { chain, lambdaArn, task, tasks } from "../../harness/definitions.ts";

/** A top-level state of a flow. Each function occurs once in a flow, so that a call identifies its step. */
export type Part =
  | { readonly kind: "task"; readonly fn: string; readonly retries?: true; readonly catches?: true }
  | { readonly kind: "wait" }
  | { readonly kind: "approval"; readonly catches?: true }
  /** Parallel branches of tasks, all on the same input. */
  | { readonly kind: "fan"; readonly lanes: readonly (readonly string[])[] }
  /** The same tasks for each item of the payload. */
  | { readonly kind: "map"; readonly fns: readonly string[] };

export interface Shape {
  readonly parts: readonly Part[];
  readonly jsonata?: true;
}

export const FUNCTIONS = ["a", "b", "c", "d", "e", "f"] as const;
const ITEMS = 2;

/** The clock moves by half days. No sum of a wait, a retry and a hold is a multiple of 12 hours, so nothing becomes due just as a move ends. */
export const WAIT_HOURS = 5;
export const RETRY_HOURS = 3;
const HOUR_SECONDS = 3_600;

export const SHAPES: Readonly<Record<string, Shape>> = {
  line: {
    parts: [
      { kind: "task", fn: "a" },
      { kind: "task", fn: "b" },
      { kind: "task", fn: "c" },
    ],
  },
  wait: { parts: [{ kind: "task", fn: "a" }, { kind: "wait" }, { kind: "task", fn: "b" }] },
  approval: { parts: [{ kind: "task", fn: "a" }, { kind: "approval" }, { kind: "task", fn: "b" }] },
  fan: {
    parts: [
      { kind: "fan", lanes: [["a", "b"], ["c"], ["d", "e"]] },
      { kind: "task", fn: "f" },
    ],
  },
  map: {
    parts: [
      { kind: "task", fn: "a" },
      { kind: "map", fns: ["b", "c"] },
      { kind: "task", fn: "d" },
    ],
  },
  retry: {
    parts: [
      { kind: "task", fn: "a", retries: true },
      { kind: "task", fn: "b" },
    ],
  },
  catch: {
    parts: [
      { kind: "task", fn: "a", retries: true, catches: true },
      { kind: "approval", catches: true },
      { kind: "fan", lanes: [["b"], ["c", "d"]] },
    ],
  },
  jsonata: { jsonata: true, parts: [{ kind: "task", fn: "a" }, { kind: "wait" }, { kind: "task", fn: "b" }] },
};

export const stateName = (at: number): string => `S${at}`;

/** The shape in the Amazon States Language. A new `mark` makes a new definition. */
export const definitionOf = ({ parts, jsonata }: Shape, mark: string): JsonObject => {
  const states = Object.fromEntries(
    parts.map((part, at) => [stateName(at), jsonata ? jsonataState(part) : jsonpathState(part, at)]),
  );
  return chain(
    { ...states, [stateName(parts.length)]: { Type: "Pass" } },
    {
      Comment: mark,
      ...(jsonata ? { QueryLanguage: "JSONata" } : {}),
    },
  );
};

const retry = {
  Retry: [
    {
      ...{ ErrorEquals: ["Oh"], IntervalSeconds: RETRY_HOURS * HOUR_SECONDS },
      ...{ MaxAttempts: 1, BackoffRate: 1 },
    },
  ],
};

const jsonpathState = (part: Part, at: number): JsonObject => {
  const caught = {
    Catch: [{ ErrorEquals: ["States.ALL"], Next: stateName(at + 1), ResultPath: "$.caught" }],
  };
  switch (part.kind) {
    case "task":
      return task(part.fn, { ...(part.retries ? retry : {}), ...(part.catches ? caught : {}) });
    case "wait":
      return { Type: "Wait", Seconds: WAIT_HOURS * HOUR_SECONDS };
    case "approval":
      return {
        ...{ Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Continue?" } },
        ...{ ResultPath: "$.approval", ...(part.catches ? caught : {}) },
      };
    case "fan":
      return { Type: "Parallel", Branches: part.lanes.map((fns) => tasks(...fns)), ResultPath: "$.fan" };
    case "map":
      return {
        ...{ Type: "Map", ItemsPath: "$.items", ResultPath: "$.map" },
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...tasks(...part.fns) },
      };
  }
};

const jsonataState = (part: Part): JsonObject => {
  if (part.kind === "task") {
    return { Type: "Task", Resource: lambdaArn(part.fn), Arguments: "{% $states.input %}" };
  }
  if (part.kind === "wait") return { Type: "Wait", Seconds: `{% ${WAIT_HOURS} * ${HOUR_SECONDS} %}` };
  throw new Error(`No ${part.kind} in JSONata here`);
};

/** The payload of a record. It identifies the record and each of its items. */
export const payloadOf = (id: string): JsonObject => ({
  id,
  items: Array.from({ length: ITEMS }, (_, n) => ({ id, n })),
});
