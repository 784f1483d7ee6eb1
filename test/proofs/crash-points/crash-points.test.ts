import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { functions } from "../../../infra/functions.ts";
import { routes } from "../../../infra/routes.ts";
import { dailyPart } from "../../harness/daily-part.ts";
import type { AwsCall } from "../harness/observer.ts";
import { prove } from "./prove.ts";
import { laterScenarios, scenarios } from "./scenarios/all.ts";
import { readScenarios, shortPath } from "./scenarios/reads.ts";

beforeEach(() => {
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const all = [...scenarios, ...Object.values(laterScenarios).flat()];

describe("the crash points", () => {
  test("cover every function", () => {
    const covered = new Set(all.map(({ handler }) => functions[handler].name as string));
    // Functions without a table make no AWS calls.
    const missing = Object.values(functions).filter(
      ({ name, table }) => table !== "none" && !covered.has(name),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test("cover every route", () => {
    const covered = new Set(all.map(({ route }) => route));
    const missing = routes.filter(
      (route) =>
        functions[route.function].table !== "none" && !covered.has(`${route.method} ${shortPath(route)}`),
    );
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  // A twelfth of the operations, another one each day. `npm run crash-points` crashes every call of every one in every way.
  test("are repaired when each operation that writes dies after its first write", async () => {
    const points = scenarios
      .filter((scenario) => !readScenarios.includes(scenario))
      .filter((_scenario, index) => index % 12 === dailyPart(12))
      .map((scenario) => ({ scenario, at: 1, fault: "dies after" as const, counts: isWrite }));
    const { proved, wrong } = await prove(points);
    expect(wrong).toEqual([]);
    expect(proved.filter(({ result }) => result.crashedAt !== undefined).length).toBeGreaterThan(6);
  }, 300_000);
});

const isWrite = ({ operation }: AwsCall): boolean => !/^(Get|BatchGet|Query|Describe|List)/.test(operation);
