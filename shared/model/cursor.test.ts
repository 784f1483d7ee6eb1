import fc from "fast-check";
import { expect, test } from "vitest";
import { POSITION_IN_TIME, readCursor, writeCursor } from "./cursor.ts";
import { SluiceError } from "./errors.ts";

const LIST = ["runs", "demo", { flowId: "a" }];

test("a cursor leads back to its position, in its own list only", () => {
  const cursor = writeCursor(LIST, "2026-01-01T00:00:00.000Z#run");
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(readCursor(LIST, cursor)).toBe("2026-01-01T00:00:00.000Z#run");
  expect(() => readCursor(["runs", "demo", { flowId: "b" }], cursor)).toThrow("another list");
  expect(readCursor(LIST, undefined)).toBeUndefined();
});

test("garbage is refused as a client error", () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const shapes = [
    {},
    null,
    [],
    { v: 2, list: "x", at: "y" },
    { v: 1, list: 1, at: "y" },
    { v: 1, list: "x" },
  ];
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(...shapes).map(encoded)), (cursor) => {
      try {
        readCursor(LIST, cursor);
        return false;
      } catch (error) {
        return error instanceof SluiceError && error.code === "invalid_request";
      }
    }),
  );
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (cursor: string) => JSON.parse(Buffer.from(cursor, "base64url").toString());

test.each([
  ["another version", { v: 2 }],
  ["a list that is no text", { list: 7 }],
  ["a position that is no text", { at: 7 }],
  ["a position that is too long", { at: "x".repeat(501) }],
  ["half of a surrogate pair", { at: "\ud800" }],
  ["a field of its own", { more: 1 }],
])("a cursor with %s is refused", (_name, change) => {
  const good = decode(writeCursor(LIST, "here"));
  expect(readCursor(LIST, encode(good))).toBe("here");
  expect(() => readCursor(LIST, encode({ ...good, ...change }))).toThrow(
    "cursor: Is not a cursor of this API",
  );
});

test("a position may have 500 characters, and must have the form of its list", () => {
  const longest = "x".repeat(500);
  expect(readCursor(LIST, writeCursor(LIST, longest))).toBe(longest);
  const position = "2026-01-01T00:00:00.000Z#01a1fe2b-94bf-721e-b86d-9859ac04b023";
  expect(readCursor(LIST, writeCursor(LIST, position), POSITION_IN_TIME)).toBe(position);
  for (const wrong of [`x${position}`, `${position}x`, position.replace("#", ""), position.replace("Z", "")])
    expect(() => readCursor(LIST, writeCursor(LIST, wrong), POSITION_IN_TIME)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        fields: { errors: [{ path: "cursor", message: "Is not a cursor of this API" }] },
      }),
    );
});
