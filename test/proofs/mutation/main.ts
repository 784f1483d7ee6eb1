import { fileURLToPath } from "node:url";
import { Stryker } from "@stryker-mutator/core";
import { roomOf } from "./rooms.ts";

/**
 * `npm run mutation -- FOLDER`: changes the code of a room, or of a folder or file in it, one place at a time, and lets its tests find
 * each change. Exits with 1 if a whole room stays below its threshold. What has not changed since the last time is not played again.
 */
const [asked = ""] = process.argv.slice(2);
const path = asked.replace(/\/$/, "");
const { name, threshold } = roomOf(path);
process.env["MUTATED"] = path;
const reports = `reports/mutation/${path.replaceAll("/", "-")}`;

const stryker = new Stryker({
  mutate: [path.endsWith(".ts") ? path : `${path}/**/*.ts`, "!**/*.test.ts", "!**/*.d.ts"],
  testRunner: "kept-vitest",
  plugins: ["@stryker-mutator/vitest-runner", "./test-runner.ts", "./ignored-code.ts"].map((plugin) =>
    fileURLToPath(import.meta.resolve(plugin)),
  ),
  ignorers: ["logged-texts"],
  // Only the tests that reach a mutant are played: Vitest need not look for the files that import it.
  vitest: { configFile: "test/proofs/mutation/vitest.config.ts", related: false },
  coverageAnalysis: "perTest",
  // Code that runs once, as its module loads: tables, schemas, texts. All tests must be played for each mutant in it.
  ignoreStatic: process.env["MUTATION_STATIC"] === "0",
  dryRunTimeoutMinutes: 60,
  incremental: true,
  incrementalFile: `${reports}.json`,
  concurrency: Number(process.env["MUTATION_WORKERS"] ?? 2),
  reporters: ["progress", "clear-text", "html"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `${reports}.html` },
  thresholds: { high: 95, low: threshold, break: path === name ? threshold : null },
  ignorePatterns: ["dist", "cdk.out", "reports", "bench-results"],
  tempDirName: ".stryker-tmp",
  // Stryker rewrites the paths of a tsconfig.json with TypeScript's former API. Nothing here reads them.
  tsconfigFile: "none.json",
});
await stryker.runMutationTest();
