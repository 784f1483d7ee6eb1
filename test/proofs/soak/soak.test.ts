import { describe, expect, it } from "vitest";
import { soak } from "./soak.ts";

/** For minutes: `npm run soak -- --minutes 5`. */
const SECONDS = 9;

describe("load, faults and a kill -9", () => {
  it("every accepted record ends once, each step begins once, and nothing is left over", async () => {
    const said: string[] = [];
    const report = await soak({
      ...{ seconds: SECONDS, answers: 40, killEvery: 4, quiet: 2, faults: 0.05, clients: 3, seed: 4_500 },
      tell: (line) => said.push(line),
    });
    expect(report.violations).toEqual([]);
    expect(report.kills).toBe(1);
    expect(report.runs).toBeGreaterThan(0);
  }, 600_000);
});
