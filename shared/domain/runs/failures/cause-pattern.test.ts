import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { causePattern } from "./cause-pattern.ts";
import { failureIdOf } from "./failure-group.ts";

const lambda = (errorMessage: string, line: number) =>
  JSON.stringify({
    errorType: "Error",
    errorMessage,
    trace: ["Error: x", `    at work (/var/task/a.js:${line}:5)`],
  });

describe("the pattern of a cause", () => {
  it.each([
    ["words alone", "The card was declined", "The card was declined"],
    ["no cause", "", ""],
    ["a number", "Took 1500 ms", "Took … ms"],
    ["a number with its unit", "Task timed out after 3.00s", "Task timed out after …"],
    ["a sign and an exponent", "Balance is -12.5, below 1e-7", "Balance is …, below …"],
    ["a sum of money", "Amount $1,250.00 exceeds the limit", "Amount $… exceeds the limit"],
    ["an id with a prefix", "No order order-8812 for cus_Na6dX7aXxi11", "No order order-… for …"],
    ["an id of several parts", "No request req-7f3a-beef-x here", "No request req-… here"],
    [
      "random text",
      "Token V1StGXR8_Z5jdHi6B-myT and -myT-VlkjQwErTyUiOpA5- expired",
      "Token … and … expired",
    ],
    ["random letters", "Session VlkjQwErTyUiOpAsDfGhJ is over", "Session … is over"],
    [
      "names in camel case",
      "ArrayIndexOutOfBoundsException in getUserById",
      "ArrayIndexOutOfBoundsException in getUserById",
    ],
    ["words with hyphens", "The well-known eu-west endpoint", "The well-known eu-west endpoint"],
    ["a UUID", "Run 0190a4b2-7c1d-7e55-9c1f-3a5b6c7d8e9f not found", "Run … not found"],
    ["a UUID without a digit", "Run abcdefab-abcd-abcd-abcd-abcdefabcdef not found", "Run … not found"],
    ["hexadecimal", "Checksum deadbeef differs from 0xCAFEBABE", "Checksum … differs from …"],
    ["a word of hexadecimal letters", "The decade faded", "The decade faded"],
    ["a time", "Expired at 2026-11-28T21:07:17.123Z", "Expired at …"],
    ["a time with a zone", "Expired at 2026-11-28 21:07:17+01:00, sorry", "Expired at …, sorry"],
    [
      "a time in words",
      "Since Sat Nov 28 2026 21:07:17 GMT+0000 (Coordinated Universal Time) closed",
      "Since … closed",
    ],
    ["a day in words", "Closed until 3 May, then open", "Closed until …, then open"],
    ["a date header", "Retry after Wed, 21 Oct 2026 07:28:00 GMT", "Retry after …"],
    [
      "an ARN",
      "arn:aws:lambda:eu-west-1:123456789012:function:ship is not authorized",
      "… is not authorized",
    ],
    ["a URL", "GET https://api.example.com/orders/12?x=y failed", "GET … failed"],
    ["an email address", "No user ann.lee+test@mail.example.com here", "No user … here"],
    ["an IP address and a port", "connect ECONNREFUSED 10.0.12.7:5432", "connect ECONNREFUSED …"],
    ["a quoted value", 'No "carrier \\"A\\"" for \'Oslo\' or `x y` or “z”', "No … for … or … or …"],
    ["an apostrophe", "can't find the user's order", "can't find the user's order"],
    ["a list of ids", "Missing: a1, b22, c333", "Missing: …"],
    ["a longer list of ids", "Missing: a1, b22, c333, d4444, e5", "Missing: …"],
    ["names beside values", "userId=5 at shard:7", "userId=… at shard:…"],
    ["line breaks", "First line\n  second   line", "First line second line"],
    ["other alphabets", "Größe größer als 5 für Straße7", "Größe größer als … für …"],
    ["a function's error", lambda("Order 17 is gone", 12), "Order … is gone"],
    ["JSON", '{"Error": "Gone", "Code": 410}', "{Error: Gone, Code: …}"],
  ])("of %s", (_name, cause, pattern) => {
    expect(causePattern(cause)).toBe(pattern);
  });

  it("does not depend on a stack trace", () => {
    expect(causePattern(lambda("Order 17 is gone", 12))).toBe(causePattern(lambda("Order 9 is gone", 840)));
  });

  it("is short, and takes linear time for a long cause", () => {
    const started = performance.now();
    for (const piece of ["a1,", "'", '"\\', "-", "1:", "x@", "arn:aws:", "May 1", "…"])
      expect(causePattern(piece.repeat(32_768 / piece.length)).length).toBeLessThanOrEqual(300);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

const digits = fc.stringMatching(/^[0-9]{1,12}$/);
const value = fc.oneof(
  digits,
  fc.uuid(),
  fc.integer().map(String),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") })
    .map((date) => date.toISOString()),
  fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") })
    .map((date) => date.toUTCString()),
  fc.stringMatching(/^[0-9a-f]{8,40}$/),
  digits.map((account) => `arn:aws:sqs:eu-west-1:${account}:orders`),
  fc.stringMatching(/^[a-z]{2,4}_[A-Za-z0-9]{3,20}[0-9]$/),
  fc.string().map((text) => JSON.stringify(text)),
  fc
    .stringMatching(/^[A-Za-z0-9_-]{21}$/)
    .filter((id) => /[0-9]/.test(id) && /[a-z]/.test(id) && /[A-Z]/.test(id)),
);
const WORDS = ["order", "card", "was", "declined", "not", "found", "for", "carrier", "timed", "out", "can't"];
const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 });
/** A cause as words between values, and the same with two sets of values. */
const causes = fc.array(words, { minLength: 2, maxLength: 5 }).chain((parts) =>
  fc.record({
    parts: fc.constant(parts),
    first: fc.array(value, { minLength: parts.length - 1, maxLength: parts.length - 1 }),
    second: fc.array(value, { minLength: parts.length - 1, maxLength: parts.length - 1 }),
  }),
);
const filled = (parts: readonly string[][], values: readonly string[]): string =>
  parts.map((part, at) => [...part, ...values.slice(at, at + 1)].join(" ")).join(" ");
const failing = (cause: string) => failureIdOf("ship", { error: "Oh", cause, state: "Call" });

describe("the group of a failure", () => {
  test("is the same for a message with other ids, numbers, times and quoted values", () => {
    fc.assert(
      fc.property(causes, ({ parts, first, second }) => {
        expect(failing(filled(parts, first))).toBe(failing(filled(parts, second)));
      }),
    );
  });

  test("differs for other words", () => {
    fc.assert(
      fc.property(causes, fc.nat(), ({ parts, first, second }, choice) => {
        const changed = parts.map((part, at) => (at === choice % parts.length ? [...part, "again"] : part));
        expect(failing(filled(parts, first))).not.toBe(failing(filled(changed, second)));
      }),
    );
  });

  it("differs by flow, state and error, and begins with the flow's id", () => {
    const failure = { error: "Oh", cause: "No funds", state: "Charge" };
    const ids = [
      failureIdOf("ship", failure),
      failureIdOf("shop", failure),
      failureIdOf("ship", { ...failure, state: "Pay" }),
      failureIdOf("ship", { ...failure, error: "Ah" }),
      failureIdOf("ship", { ...failure, cause: "No card" }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^sh[io]p\.[0-9a-f]{16}$/);
  });
});
