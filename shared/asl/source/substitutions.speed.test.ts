import { expect, it } from "vitest";
import { fill, TooLong } from "./substitutions.ts";

it("rejects values that grow without limit", () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`N${n}`, `\${N${n + 1}}\${N${n + 1}}`]),
  );
  expect(() => fill("${N0}", { ...doubling, N30: "x" })).toThrow(TooLong);
});
