import { describe, expect, it } from "vitest";
import { ROOMS } from "./rooms.ts";
import { cruiseWith } from "./tree-copy.ts";

/** A folder's rooms and, for each pair of them, a file in the lower room that imports one in the upper. */
const roomFile = (folder: string, room: string, name: string): string =>
  [folder, ...(room === "" ? [] : [room]), `${name}.ts`].join("/");
const UPWARDS = Object.entries(ROOMS).flatMap(([folder, rooms]) =>
  rooms.flatMap((room, position) =>
    rooms.slice(position + 1).map((above) => ({
      rule: `${folder}/${room}: looks down`,
      path: roomFile(folder, room, `planted-below-${above}`),
      target: roomFile(folder, above, `planted-above`),
      content: `import "${room === "" ? "./" : "../"}${above === "" ? "" : `${above}/`}planted-above.ts";`,
    })),
  ),
);

/** For each rule, a file that breaks it. */
const PLANTED: Readonly<Record<string, readonly [path: string, content: string]>> = {
  "no-cycles": ["shared/model/planted-cycle.ts", 'import "./planted-cycle-back.ts";'],
  resolvable: ["shared/model/planted-nowhere.ts", 'import "./planted-that-is-not-there.ts";'],
  "model-is-a-leaf": [
    "shared/model/planted-up.ts",
    'import { KEY } from "../store/table-definition.ts"; export const key = KEY;',
  ],
  "asl-knows-the-model-only": [
    "shared/asl/planted-up.ts",
    'import { KEY } from "../store/table-definition.ts"; export const key = KEY;',
  ],
  "store-and-outbound-know-the-model-only": [
    "shared/outbound/planted-aside.ts",
    'import type { IndexDefinition } from "../store/table-definition.ts"; export type Planted = IndexDefinition;',
  ],
  "aws-is-a-leaf": [
    "shared/aws/planted-up.ts",
    'import { KEY } from "../store/table-definition.ts"; export const key = KEY;',
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
    'export const local = () => import("../local/ports/clock.ts");',
  ],
  "one-composition-root": [
    "functions/api/planted-client.ts",
    'import { SFNClient } from "@aws-sdk/client-sfn"; export const client = new SFNClient({});',
  ],
  "adapters-by-type-only": [
    "functions/tasks/planted-adapter.ts",
    'import { KEY } from "../../shared/store/table-definition.ts"; export const key = KEY;',
  ],
  "cli-speaks-the-public-api": ["cli/planted-inside.ts", 'import "../shared/domain/planted-tool.ts";'],
  "doctor-knows-what-is-deployed": [
    "cli/doctor/planted-inside.ts",
    'import "../../shared/domain/planted-tool.ts";',
  ],
  "doctor-only-when-called": [
    "cli/planted-start.ts",
    'import { ok } from "./doctor/finding.ts"; export const planted = ok;',
  ],
  "client-knows-the-model-only": [
    "shared/client/planted-inside.ts",
    'import type { IndexDefinition } from "../store/table.ts"; export type Planted = IndexDefinition;',
  ],
  "client-without-schemas": [
    "shared/client/planted-schema.ts",
    'import { runSchema } from "../model/schemas/run.ts"; export const planted = runSchema;',
  ],
  "client-runs-everywhere": [
    "shared/client/planted-node.ts",
    'import { readFileSync } from "node:fs"; export const planted = readFileSync;',
  ],
  "service-without-its-client": [
    "functions/planted-client.ts",
    'import { createClient } from "../shared/client/client.ts"; export const planted = createClient;',
  ],
  "stacks-without-the-local-stack": ["infra/stacks/planted-local.ts", 'import "../../local/ports/clock.ts";'],
  "schemas-at-the-edge": [
    "shared/domain/gates/planted-schema.ts",
    'import { runSchema } from "../../model/schemas/run.ts"; export const planted = runSchema;',
  ],
  "tasks-without-the-apis-schemas": [
    "functions/tasks/planted-schema.ts",
    'import * as z from "zod"; export const planted = z.string();',
  ],
  "tasks-without-the-api": [
    "functions/inline/planted-request.ts",
    'import { readBody } from "../middleware/http-body.ts"; export const planted = readBody;',
  ],
  "console-speaks-the-public-api": [
    "console/src/planted-inside.ts",
    'import type { Engine } from "../../shared/domain/deps.ts"; export type Planted = Engine;',
  ],
  "console-without-schemas": [
    "console/src/planted-schema.ts",
    'import { runSchema } from "../../shared/model/schemas/run.ts"; export const planted = runSchema;',
  ],
  "nobody-imports-the-console": ["functions/planted-page.ts", 'import "../console/src/graph/states.ts";'],
  "no-tests-in-products": ["infra/stacks/planted-test.ts", 'import "../../test/infra/synth/synthesized.ts";'],
  "telling-folders": ["shared/model/planted-user.ts", 'export { planted } from "./helpers/planted.ts";'],
  "declared-packages": ["infra/stacks/planted-package.ts", 'import "estree-walker";'],
  "deployed-packages": [
    "shared/domain/planted-tool.ts",
    'import { build } from "esbuild"; export const planted = build;',
  ],
};

/** Files that the planted ones need. */
const SURROUNDINGS = {
  "shared/model/planted-cycle-back.ts": 'import "./planted-cycle.ts";',
  "functions/planted-use-case.ts": "export const planted = 1;",
  "shared/model/helpers/planted.ts": "export const planted = 1;",
};

describe("the architecture", () => {
  /** The planted files next to the real ones: the parser takes most of the time, so it reads them all once. */
  const { violations, rules, dependencies } = cruiseWith({
    ...SURROUNDINGS,
    ...Object.fromEntries(UPWARDS.map(({ target }) => [target, "export const planted = 1;"])),
    ...Object.fromEntries(UPWARDS.map(({ path, content }) => [path, content])),
    ...Object.fromEntries(Object.values(PLANTED)),
  });

  it("has no import against it", () => {
    expect(violations.filter((violation) => !violation.includes("planted"))).toEqual([]);
    // A parser that cannot read TypeScript finds almost no imports, and no violations.
    expect(dependencies).toBeGreaterThan(200);
  });

  it.each(UPWARDS)("$rule: $path is refused", ({ rule, path }) => {
    expect(violations).toContain(`${rule}: ${path}`);
  });

  it.each(rules.filter((rule) => !rule.endsWith(": looks down")))(
    "rule %s refuses a planted violation",
    (rule) => {
      expect(PLANTED).toHaveProperty([rule]);
      // A cycle is reported once, at any of its files.
      const path = PLANTED[rule]?.[0].replace(".ts", "");
      expect(violations).toContainEqual(expect.stringContaining(`${rule}: ${path}`));
    },
  );
});
