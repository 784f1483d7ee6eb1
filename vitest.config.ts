import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { FailuresLast } from "./test/harness/failures-last.ts";
import { LongFirst } from "./test/harness/long-first.ts";

if (Number.parseInt(process.versions.node, 10) < 24) {
  throw new Error(
    `The tests need Node 24, but Vitest was started with Node ${process.versions.node}. Run "npm test" or "npx vitest", which use the Node 24 in node_modules.`,
  );
}

// Most processes load the AWS SDK: compiled once, it is read from here.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");

const shared = { testTimeout: 30_000, hookTimeout: 60_000, pool: "forks" as const };
const ignored = ["**/node_modules/**", "**/cdk.out/**"];
export default defineConfig({
  test: {
    maxWorkers: 4,
    reporters: ["default", new FailuresLast()],
    sequence: { sequencer: LongFirst },
    projects: [
      {
        // Files share a process, one after the other: libraries are loaded once, and the stack's code stays compiled.
        test: {
          ...shared,
          name: "sluice",
          include: ["{shared,functions,cli,console,infra,local,test,examples}/**/*.test.ts"],
          exclude: [...ignored, "test/infra/**"],
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: "cdk",
          include: ["test/infra/**/*.test.ts"],
          isolate: false,
          globalSetup: "test/infra/synth/synth-folder.ts",
        },
      },
    ],
  },
});
