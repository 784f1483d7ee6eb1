import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../outbound/ports.ts";
import { readVisits } from "../history.ts";
import { callsOf, type HistoryCall, requestIdOf } from "./calls.ts";

const ID = "11111111-2222-4333-8444-555555555555";
const ARN = "arn:aws:lambda:eu-west-1:111122223333:function:charge";

/** A history in the order of its events: each names the one that it follows by its number. */
const history = (
  ...events: readonly (readonly [type: string, after: number, more?: Partial<HistoryEvent>])[]
): HistoryEvent[] =>
  events.map(([type, previousId, more], n) => ({ id: n + 1, previousId, time: (n + 1) * 10, type, ...more }));
async function* inOrder(events: readonly HistoryEvent[]) {
  yield* events;
}
const callsIn = async (events: readonly HistoryEvent[], nth = 0) => {
  const visits = await readVisits(inOrder(events));
  const visit = visits.filter(({ state }) => state === "Charge")[nth];
  return visit === undefined ? [] : callsOf(events, visits, visit);
};

describe("the calls of a visit", () => {
  it("are its attempts, each with its function, times and end", async () => {
    const events = history(
      ["ExecutionStarted", 0],
      ["TaskStateEntered", 1, { name: "Charge" }],
      ["LambdaFunctionScheduled", 2, { resource: ARN }],
      ["LambdaFunctionStarted", 3],
      ["LambdaFunctionFailed", 4, { error: "Busy", cause: "{}" }],
      ["LambdaFunctionScheduled", 5, { resource: ARN }],
      ["LambdaFunctionStarted", 6],
      ["LambdaFunctionSucceeded", 7, { output: "1" }],
      ["TaskStateExited", 8, { name: "Charge" }],
      ["TaskStateEntered", 9, { name: "Ship" }],
      ["TaskScheduled", 10, { resourceType: "sqs", resource: "sendMessage", parameters: "{}" }],
    );
    expect(await callsIn(events)).toEqual([
      { startedId: 4, from: 30, to: 50, functionName: ARN, failed: { error: "Busy", cause: "{}" } },
      { startedId: 7, from: 60, to: 80, functionName: ARN, output: "1" },
    ]);
  });

  it("are its own among iterations that entered the state in the same millisecond", async () => {
    const enter = { name: "Charge", time: 5 };
    const parameters = (name: string) => JSON.stringify({ FunctionName: name, Payload: {} });
    const events = history(
      ["MapStateEntered", 0, { name: "Each" }],
      ["MapStateStarted", 1],
      ["MapIterationStarted", 2, { name: "Each", index: 0 }],
      ["TaskStateEntered", 3, enter],
      ["MapIterationStarted", 2, { name: "Each", index: 1 }],
      ["TaskStateEntered", 5, enter],
      ["TaskScheduled", 6, { resourceType: "lambda", resource: "invoke", parameters: parameters("second") }],
      ["TaskScheduled", 4, { resourceType: "lambda", resource: "invoke", parameters: parameters("first") }],
      ["TaskStarted", 8],
      ["TaskStarted", 7],
    );
    expect(await callsIn(events, 0)).toEqual([{ startedId: 9, from: 80, functionName: "first" }]);
    expect(await callsIn(events, 1)).toEqual([{ startedId: 10, from: 70, functionName: "second" }]);
  });
});

const call = (more: Partial<HistoryCall>): HistoryCall => ({ startedId: 1, from: 0, ...more });
const failed = (cause: object | string) => ({
  failed: { error: "E", cause: typeof cause === "string" ? cause : JSON.stringify(cause) },
});

describe("the id of the invocation", () => {
  it.each<[string, HistoryCall, string | undefined]>([
    [
      "a response to lambda:invoke",
      call({ output: JSON.stringify({ Payload: 1, SdkResponseMetadata: { RequestId: ID } }) }),
      ID,
    ],
    ["a Python function's error", call(failed({ errorMessage: "no", requestId: ID })), ID],
    [
      "a time-out",
      call(failed({ errorMessage: `2026-01-01T00:00:00Z ${ID} Task timed out after 3.00 seconds` })),
      ID,
    ],
    [
      "an exit",
      call(failed({ errorMessage: `RequestId: ${ID} Error: Runtime exited with error: exit status 1` })),
      ID,
    ],
    [
      "a Node.js function's error",
      call(failed({ errorType: "Error", errorMessage: "no", trace: [] })),
      undefined,
    ],
    ["a response to a call by ARN", call({ output: "5" }), undefined],
    ["a cause that is no JSON", call(failed("no")), undefined],
  ])("of %s", (_what, one, expected) => {
    expect(requestIdOf(one)).toBe(expected);
  });
});
