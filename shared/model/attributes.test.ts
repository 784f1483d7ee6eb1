import { expect, test } from "vitest";
import { namedAttribute } from "./attributes.ts";

test.each([
  ["orderId=A-17", ["orderId", "A-17"]],
  ["orderId = A=17 ", ["orderId", "A=17"]],
  ["orderId=", undefined],
  ["=A-17", undefined],
  ["two words=A-17", undefined],
  ["A-17", undefined],
])("%j names the attribute %j", (text, named) => expect(namedAttribute(text)).toEqual(named));
