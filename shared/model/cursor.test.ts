import fc from "fast-check";
import { expect, test } from "vitest";
import { readCursor, writeCursor } from "./cursor.ts";
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
