import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Each file is a process of its own, and most load the AWS SDK: compiled once, it is read from here.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "node-compile-cache");

const shared = { testTimeout: 30_000, hookTimeout: 60_000, pool: "forks" as const };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "sluice",
          include: ["{shared,functions,cli,infra,test,examples}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/cdk.out/**", "test/infra/**"],
        },
      },
      {
        // Pure functions of the CDK app: the library is loaded once, not once a file.
        test: { ...shared, name: "cdk", include: ["test/infra/**/*.test.ts"], isolate: false },
      },
    ],
  },
});
