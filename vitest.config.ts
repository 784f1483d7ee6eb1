import { defineConfig } from "vitest/config";

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
