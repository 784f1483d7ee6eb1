import { expect, test } from "vitest";
import type { SluiceError } from "../../shared/model/errors.ts";
import { readBody } from "./http-body.ts";
import type { HttpEvent } from "./http-event.ts";

const read = (body: string) => readBody({ body } as HttpEvent);

test("a number that JavaScript would round is refused with its path, not stored as another one", () => {
  const refused = (): unknown => read('{"payload":{"orders":[{"id":1},{"id":9007199254740993}]}}');
  expect(refused).toThrow("payload.orders[1].id: is a number that would be rounded to 9007199254740992");
  try {
    refused();
  } catch (error) {
    expect((error as SluiceError).code).toBe("invalid_request");
  }
});

test("a number out of range is refused", () => {
  expect(() => read('{"payload":1e400}')).toThrow("payload: is a number out of range");
});

test("the same digits in a string, and numbers that survive, pass", () => {
  expect(read('{"id":"9007199254740993","n":0.1}')).toEqual({ id: "9007199254740993", n: 0.1 });
});
