import { describe, expect, it } from "vitest";
import { cruiseWith } from "./tree-copy.ts";

/** For each rule a file that breaks it. */
const PLANTED: Readonly<Record<string, readonly [path: string, content: string]>> = {
  "no-cycles": ["shared/model/planted-cycle.ts", 'import "./planted-cycle-back.ts";'],
  resolvable: ["shared/model/planted-nowhere.ts", 'import "./planted-that-is-not-there.ts";'],
  "model-is-a-leaf": [
    "shared/model/planted-up.ts",
    'import { KEY } from "../store/table.ts"; export const key = KEY;',
  ],
  "asl-knows-the-model-only": [
    "shared/asl/planted-up.ts",
    'import { KEY } from "../store/table.ts"; export const key = KEY;',
  ],
  "store-and-outbound-know-the-model-only": [
    "shared/outbound/planted-aside.ts",
    'import type { IndexDefinition } from "../store/table.ts"; export type Planted = IndexDefinition;',
  ],
  "domain-looks-down": [
    "shared/domain/planted-up.ts",
    'export { planted } from "../../functions/planted-use-case.ts";',
  ],
  "domain-without-aws": [
    "shared/domain/planted-aws.ts",
    'import { SFNClient } from "@aws-sdk/client-sfn"; export const client = new SFNClient({});',
  ],
  "deployed-code-without-infrastructure": [
    "functions/planted-local.ts",
    'export const local = () => import("../infra/local/ports.ts");',
  ],
  "one-composition-root": [
    "functions/api/planted-client.ts",
    'import { SFNClient } from "@aws-sdk/client-sfn"; export const client = new SFNClient({});',
  ],
  "adapters-by-type-only": [
    "functions/tasks/planted-adapter.ts",
    'import { KEY } from "../../shared/store/table.ts"; export const key = KEY;',
  ],
  "cli-knows-the-model-only": ["cli/planted-inside.ts", 'import "../shared/domain/planted-tool.ts";'],
  "stacks-without-the-local-stack": ["infra/stacks/planted-local.ts", 'import "../local/ports.ts";'],
  "console-speaks-the-public-api": [
    "console/src/api/planted-inside.ts",
    'import "../../../shared/domain/planted-tool.ts";',
  ],
  "console-without-schemas": [
    "console/src/api/planted-schema.ts",
    'import { flowIdSchema } from "../../../shared/model/flow.ts"; export const planted = flowIdSchema;',
  ],
  "nobody-imports-the-console": [
    "infra/stacks/planted-console.ts",
    'import "../../console/src/session/oidc-paths.ts";',
  ],
  "no-tests-in-products": ["infra/stacks/planted-test.ts", 'import "../../test/infra/synthesized.ts";'],
  "telling-folders": ["shared/model/planted-user.ts", 'export { planted } from "./helpers/planted.ts";'],
  "declared-packages": ["infra/stacks/planted-package.ts", 'import "estree-walker";'],
  "deployed-packages": [
    "shared/domain/planted-tool.ts",
    'import { build } from "esbuild"; export const planted = build;',
  ],
};

/** What the planted files need beside themselves. */
const SURROUNDINGS = {
  "shared/model/planted-cycle-back.ts": 'import "./planted-cycle.ts";',
  "functions/planted-use-case.ts": "export const planted = 1;",
  "shared/model/helpers/planted.ts": "export const planted = 1;",
};

describe("the architecture", () => {
  it("stands: no import goes against it", () => {
    const { violations, dependencies } = cruiseWith({});
    expect(violations).toEqual([]);
    // A parser that cannot read TypeScript finds next to nothing, and nothing wrong.
    expect(dependencies).toBeGreaterThan(200);
  });

  const { violations, rules } = cruiseWith({
    ...SURROUNDINGS,
    ...Object.fromEntries(Object.values(PLANTED)),
  });

  it.each(rules)("rule %s refuses a planted violation", (rule) => {
    expect(PLANTED).toHaveProperty([rule]);
    // A cycle is told once, at any of its files.
    const path = PLANTED[rule]?.[0].replace(".ts", "");
    expect(violations).toContainEqual(expect.stringContaining(`${rule}: ${path}`));
  });
});
