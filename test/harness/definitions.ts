import type { JsonObject } from "../../shared/model/json/json.ts";

export const lambdaArn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** A Task that calls one function with the state's whole input. */
export const task = (name: string, more: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: lambdaArn(name),
  ...more,
});

/** States in sequence, each named by its key, linked by Next and End. */
export const chain = (states: Record<string, JsonObject>, more: JsonObject = {}): JsonObject => {
  const names = Object.keys(states);
  const linked: JsonObject = {};
  names.forEach((name, i) => {
    const next = names[i + 1];
    linked[name] = { ...states[name], ...(next === undefined ? { End: true } : { Next: next }) };
  });
  return { StartAt: names[0] ?? "", States: linked, ...more };
};

/** Tasks in sequence. Each calls the function with its own name. */
export const tasks = (...names: string[]): JsonObject =>
  chain(Object.fromEntries(names.map((name) => [name, task(name)])));

/** A flow that sends each of its payload's `bodies` to the queue. */
export const sendingTo = (queue: string): JsonObject => ({
  StartAt: "Each",
  States: {
    Each: {
      ...{ Type: "Map", ItemsPath: "$.bodies", End: true },
      ItemProcessor: {
        StartAt: "Send",
        States: {
          Send: {
            ...{ Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", End: true },
            Parameters: { QueueUrl: queue, "MessageBody.$": "$" },
          },
        },
      },
    },
  },
});
