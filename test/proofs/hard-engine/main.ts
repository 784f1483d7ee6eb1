import { spawnSync } from "node:child_process";
import { HARDNESS } from "../../harness/table/hard-engine.ts";

/** `npm run hard-engine -- [part of a name …]`: a part of the acceptance tests under each kind of hardness. */
const SUITES = [
  "test/acceptance/runs/pause-and-resume.test.ts",
  "test/acceptance/runs/cancel.test.ts",
  "test/acceptance/runs/branches.test.ts",
  "test/acceptance/runs/delete-run.test.ts",
  "test/acceptance/runs/inbox.test.ts",
  "test/acceptance/flows/hold-freeze.test.ts",
  "test/acceptance/flows/hold-queue.test.ts",
  "test/acceptance/flows/delete-flow.test.ts",
  "test/acceptance/bulk/bulk.test.ts",
  "test/acceptance/clients/views.test.ts",
];
const wanted = process.argv.slice(2);
const names = Object.keys(HARDNESS).filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const failed = names.filter((name) => {
  process.stdout.write(`\n${name}\n`);
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...SUITES, "--maxWorkers", "1"],
    { stdio: "inherit", env: { ...process.env, HARD_ENGINE: name } },
  );
  return status !== 0;
});
process.stdout.write(failed.length === 0 ? "All passed.\n" : `Failed under: ${failed.join(", ")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
