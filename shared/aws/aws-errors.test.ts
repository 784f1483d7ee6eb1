import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { cancellationOf, isThrottled, isThrottledCall, isTransient, requestIdOf } from "./aws-errors.ts";

const named = (name: string, more: object = {}): Error =>
  Object.assign(new Error("refused"), { name, ...more });
const cancelled = (...codes: string[]): Error =>
  new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe("a cancelled transaction", () => {
  test("names the write whose condition failed", () => {
    const cancellation = cancellationOf(cancelled("None", "ConditionalCheckFailed"));
    expect(cancellation?.conditionFailed()).toBe(true);
    expect(cancellation?.conditionFailed(0)).toBe(false);
    expect(cancellation?.conditionFailed(1)).toBe(true);
    expect(cancellation).toMatchObject({ conflict: false, throttled: false });
  });

  test("is distinguished from every other error", () => {
    expect(cancellationOf(named("ConditionalCheckFailedException"))).toBeUndefined();
    expect(cancellationOf(undefined)).toBeUndefined();
    expect(cancellationOf(named("TransactionCanceledException"))?.conditionFailed()).toBe(false);
  });
});

test.each<[string, unknown, { throttled: boolean; transient: boolean }]>([
  ["a throttled call", named("ThrottlingException"), { throttled: true, transient: false }],
  ["HTTP 429", named("Any", { $metadata: { httpStatusCode: 429 } }), { throttled: true, transient: false }],
  ["a throttled item", cancelled("None", "ThrottlingError"), { throttled: true, transient: true }],
  ["a conflict", cancelled("TransactionConflict"), { throttled: false, transient: true }],
  ["a failed condition", cancelled("ConditionalCheckFailed"), { throttled: false, transient: false }],
  [
    "a single write in conflict",
    named("TransactionConflictException"),
    { throttled: false, transient: true },
  ],
  ["a lost connection", named("Error", { code: "ECONNRESET" }), { throttled: false, transient: true }],
  ["HTTP 503", named("Any", { $metadata: { httpStatusCode: 503 } }), { throttled: false, transient: true }],
  [
    "a server fault",
    named("InternalServerError", { $fault: "server" }),
    { throttled: false, transient: true },
  ],
  [
    "a missing permission",
    named("AccessDeniedException", { $fault: "client" }),
    { throttled: false, transient: false },
  ],
  [
    "a fault that is not listed",
    named("NewFault", { $fault: "client" }),
    { throttled: false, transient: true },
  ],
  ["a thrown string", "ThrottlingException", { throttled: false, transient: false }],
  ["nothing", undefined, { throttled: false, transient: false }],
])("%s is classified", (_what, error, { throttled, transient }) => {
  expect(isThrottledCall(error)).toBe(throttled);
  expect(isTransient(error)).toBe(transient);
});

test("a throttled item is not a throttled call: the client may retry immediately", () => {
  expect(isThrottled(cancelled("ThrottlingError"))).toBe(false);
});

test("the request id is read if the service sent one", () => {
  const error = new ConditionalCheckFailedException({ message: "", $metadata: { requestId: "R1" } });
  expect(requestIdOf(error)).toBe("R1");
  expect(requestIdOf(new Error("no AWS error"))).toBeUndefined();
});
