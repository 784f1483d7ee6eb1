import { expect, test } from "vitest";
import { numberFault } from "./json-numbers.ts";

test("five million quotes, backslashes and digits take linear time", () => {
  for (const text of [
    `"${"\\\\".repeat(2_500_000)}"`,
    `[${"1,".repeat(2_500_000)}1]`,
    '"'.repeat(5_000_000),
  ]) {
    expect(numberFault(text)).toBeUndefined();
  }
}, 10_000);
