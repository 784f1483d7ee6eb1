import { expect, test } from "vitest";
import { SluiceError } from "../../shared/model/errors.ts";
import { refusalOf } from "./http-failure.ts";

const named = (name: string, more: object = {}): Error =>
  Object.assign(new Error("secret detail"), { name, ...more });

test.each([
  [named("ThrottlingException"), "too_many_requests"],
  [named("ProvisionedThroughputExceededException", { $fault: "client" }), "too_many_requests"],
  [named("TimeoutError"), "service_unavailable"],
  [named("Error", { code: "ECONNREFUSED" }), "service_unavailable"],
  [named("InternalServerError", { $fault: "server" }), "service_unavailable"],
  [
    named("TransactionCanceledException", {
      CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }],
    }),
    "service_unavailable",
  ],
  [named("AccessDeniedException", { $fault: "client" }), "internal_error"],
  [named("ValidationException", { $fault: "client" }), "internal_error"],
  [new TypeError("x is not a function"), "internal_error"],
  ["a thrown text", "internal_error"],
  [undefined, "internal_error"],
])("%s becomes %s and reveals nothing", (error, code) => {
  const refusal = refusalOf(error);
  expect(refusal.code).toBe(code);
  expect(refusal.message).not.toContain("secret");
});

test("a refusal is unchanged", () => {
  const refusal = new SluiceError("flow_held", "Held", { currentStatus: "paused" });
  expect(refusalOf(refusal)).toBe(refusal);
});
