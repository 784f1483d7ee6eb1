import { expect, it } from "vitest";
import { z } from "zod";
import { loggedError } from "./house-log.ts";

const MARK = "s3cr3t";
const made = (error: Error, more: object): Error => Object.assign(error, more);
const thrownBy = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("It threw nothing");
};

it.each<[string, Error]>([
  [
    "a refused write, with the item that stood in the way",
    made(new Error("The conditional request failed"), {
      name: "ConditionalCheckFailedException",
      Item: { payload: { S: MARK } },
    }),
  ],
  [
    "a cancelled transaction",
    made(new Error("cancelled"), {
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: { payload: { S: MARK } } }],
    }),
  ],
  [
    "a service that quotes what it was given",
    made(new Error(`Invalid Input: '${MARK}'`), { name: "InvalidExecutionInput" }),
  ],
  ["text that is no JSON", thrownBy(() => JSON.parse(`{"a": ${MARK}}`))],
  [
    "a schema's refusal",
    thrownBy(() => z.strictObject({ a: z.literal("b") }).parse({ [MARK]: MARK, a: MARK })),
  ],
  [
    "a cause",
    new Error("It failed", { cause: made(new Error(MARK), { name: "ValidationException", input: MARK }) }),
  ],
  [
    "an answer with its request",
    made(new Error("x"), { $response: { body: MARK }, $metadata: { requestId: "r-1", cfId: MARK } }),
  ],
])("%s is logged without its data", (_what, error) => {
  const line = JSON.stringify(loggedError(error));
  expect(line).not.toContain(MARK);
  expect(line).toContain(error.name);
  expect(line).toContain("house-log.test.ts");
});

it("says what a mistake in the code says, and which request of AWS's it was", () => {
  const denied = made(new Error("not authorized to perform: states:StartExecution"), {
    name: "AccessDeniedException",
    $metadata: { requestId: "r-1", httpStatusCode: 400 },
  });
  expect(loggedError(denied)).toMatchObject({ message: denied.message, awsRequestId: "r-1", status: 400 });
  expect(loggedError(new TypeError("x is not a function"))).toMatchObject({ message: "x is not a function" });
});
