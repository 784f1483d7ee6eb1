import type { JsonObject } from "../../shared/model/json/json.ts";
import { chain, task, tasks } from "../harness/definitions.ts";

/** A user's function that answers with a task token. It only records the token. */
const CALLBACK: JsonObject = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Parameters: { FunctionName: "ask", Payload: { "token.$": "$$.Task.Token", "input.$": "$" } },
  HeartbeatSeconds: 5_000_000,
  ResultPath: "$.answer",
};
const APPROVAL: JsonObject = {
  Type: "Task",
  Resource: "arn:sluice:::approval",
  Parameters: { "Title.$": "States.Format('Ship {}?', $.order)", Assignees: ["ann", "operator"] },
  ResultPath: "$.approval",
};
const FORM: JsonObject = {
  Type: "Task",
  Resource: "arn:sluice:::form",
  Parameters: { Title: "How many?", Form: { type: "object", required: ["pieces"] } },
  TimeoutSeconds: 5_000_000,
  ResultPath: "$.form",
};
const jsonata = (states: Record<string, JsonObject>): JsonObject => ({
  ...chain(states),
  QueryLanguage: "JSONata",
});
const RETRIED = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 2 }];
const saved = (Next: string) => [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next }];

/** Parallel and Map with the user's own handlers on every level, which no control error may reach. */
const BRANCHES: JsonObject = {
  StartAt: "one",
  States: {
    one: task("one", { Next: "Fan" }),
    Fan: {
      Type: "Parallel",
      Branches: [
        chain({ left: task("left", { Retry: RETRIED }), also: task("also") }),
        tasks("right", "more"),
      ],
      ResultPath: "$.fan",
      Retry: RETRIED,
      Catch: saved("saved"),
      Next: "Each",
    },
    Each: {
      Type: "Map",
      ItemsPath: "$.items",
      MaxConcurrency: 2,
      ItemProcessor: chain({ item: task("item") }),
      ResultPath: "$.each",
      Catch: saved("saved"),
      Next: "Which",
    },
    Which: {
      Type: "Choice",
      Choices: [{ Variable: "$.stop", IsPresent: true, Next: "No" }],
      Default: "Yes",
    },
    Yes: { Type: "Succeed" },
    No: { Type: "Fail", ErrorPath: "$.stop", Cause: "It was told to" },
    saved: task("saved", { End: true }),
  },
};

export interface CatalogueFlow {
  readonly definition: JsonObject;
  readonly runAs?: "user" | "system";
  /** A state whose replay machine is part of the release too. */
  readonly replayFrom?: string;
}

/**
 * Flows whose compiled text identifies a release: both query languages, and every kind of gate, wait, exit and handler that the
 * compiler generates. Never change one of them; add another one instead.
 */
export const CATALOGUE: Readonly<Record<string, CatalogueFlow>> = {
  steps: { definition: tasks("one", "two", "three"), replayFrom: "two" },
  held: { definition: tasks("one", "two", "three") },
  draining: { definition: tasks("one", "two", "three") },
  timed: { definition: tasks("one", "two", "three") },
  slow: { definition: tasks("slow") },
  branches: { definition: BRANCHES },
  "branches-jsonata": {
    definition: jsonata({
      one: task("one", { Assign: { order: "{% $states.result.order %}" } }),
      Fan: {
        Type: "Parallel",
        Branches: [tasks("left"), tasks("right", "more")],
        Output: "{% $merge([$states.input, {'fan': $states.result}]) %}",
      },
      Each: {
        Type: "Map",
        Items: "{% $states.input.items %}",
        ItemProcessor: chain({ item: task("item") }),
        Output: "{% {'order': $order, 'each': $states.result} %}",
      },
    }),
  },
  people: { definition: chain({ one: task("one"), Approve: APPROVAL, Form: FORM, two: task("two") }) },
  "people-jsonata": {
    definition: jsonata({
      Each: {
        Type: "Map",
        Items: "{% $states.input.items %}",
        ItemProcessor: chain({
          Ask: {
            Type: "Task",
            Resource: "arn:sluice:::approval",
            Arguments: { Title: "{% 'Item ' & $string($states.input) %}" },
          },
        }),
      },
    }),
  },
  callback: { definition: chain({ Ask: CALLBACK, two: task("two") }) },
  delay: {
    definition: chain({
      Wait: { Type: "Wait", Seconds: 259_200 },
      Until: { Type: "Wait", TimestampPath: "$.until" },
      two: task("two"),
    }),
  },
  deadline: { definition: chain({ one: task("one"), two: task("two") }, { TimeoutSeconds: 86_400 }) },
  access: {
    definition: {
      StartAt: "pay",
      States: {
        pay: task("pay", {
          Sluice: { Requires: ["refund"], Cost: 2.5 },
          Catch: [{ ErrorEquals: ["Sluice.AccessDenied"], ResultPath: "$.why", Next: "denied" }],
          Next: "free",
        }),
        free: task("free", { Sluice: { Gate: "none" }, End: true }),
        denied: task("denied", { End: true }),
      },
    },
    runAs: "user",
  },
};

const STEPS = ["one", "two", "three", "slow", "left", "also", "right", "more", "item"];
export const FUNCTIONS = [...STEPS, "saved", "ask", "pay", "free", "denied"];
