import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { functions } from "../../../infra/functions.ts";
import { routes } from "../../../infra/routes.ts";
import type { AwsCall } from "../harness/proof-stack.ts";
import { prove } from "./prove.ts";
import { laterScenarios, scenarios } from "./scenarios/all.ts";
import { readScenarios, shortPath } from "./scenarios/reads.ts";

beforeEach(() => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const all = [...scenarios, ...laterScenarios];

describe("crash points", () => {
  test("are taken of every function", () => {
    const covered = new Set(all.map(({ handler }) => functions[handler].name as string));
    // It makes no call of AWS.
    const missing = Object.values(functions).filter(
      ({ name, table }) => table !== "none" && !covered.has(name),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test("are taken of every route", () => {
    const covered = new Set(all.map(({ route }) => route));
    const missing = routes.filter(
      (route) =>
        functions[route.function].table !== "none" && !covered.has(`${route.method} ${shortPath(route)}`),
    );
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  // Every call of every operation, each way: `npm run crash-points`.
  test("of each operation that writes: it dies after its first write, and is repaired", async () => {
    const points = scenarios
      .filter((scenario) => !readScenarios.includes(scenario))
      .map((scenario) => ({ scenario, at: 1, outcome: "dies after" as const, counts: isWrite }));
    const { proved, wrong } = await prove(points);
    expect(wrong).toEqual([]);
    expect(proved.filter(({ strike }) => strike.struck !== undefined).length).toBeGreaterThan(70);
  }, 300_000);
});

const isWrite = ({ operation }: AwsCall): boolean => !/^(Get|BatchGet|Query|Describe|List)/.test(operation);
