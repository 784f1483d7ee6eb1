import { strykerPlugins as vitestPlugins } from "@stryker-mutator/vitest-runner";
import type { Vitest } from "vitest/node";
import { KeptThread } from "./kept-worker.ts";

interface MutantRun {
  readonly sandboxFileName: string;
  readonly mutantActivation: "static" | "runtime";
}
/** The parts of Stryker's runner for Vitest that are looked at. */
interface VitestRunner {
  readonly ctx: Vitest;
  readonly options: { readonly vitest: { related: boolean } };
  init(): Promise<void>;
  dryRun(options: unknown): Promise<unknown>;
  mutantRun(options: MutantRun): Promise<unknown>;
  dispose(): Promise<void>;
}

/** A test that notes the mutants that it reaches takes several times as long. */
const DRY_RUN_TIMEOUT_MS = 180_000;
/** A mutant may make a test wait forever. */
const MUTANT_TIMEOUT_MS = 15_000;

const [vitest] = vitestPlugins;
if (vitest === undefined || !("factory" in vitest))
  throw new Error("Stryker's runner for Vitest has changed");
const { factory } = vitest as unknown as {
  factory: { inject: string[] } & ((injector: unknown) => VitestRunner);
};

/** Returns Stryker's runner for Vitest with a thread that is kept from one mutant to the next. */
const keptVitest = (injector: unknown): VitestRunner => {
  const runner = factory(injector);
  const { init, dryRun, mutantRun, dispose } = runner;
  const thread = new KeptThread();
  let loading = 0;
  let wasStatic = false;
  const configure = (isolated: boolean, testTimeout: number): void => {
    for (const { config } of runner.ctx.projects) {
      config.isolate = isolated;
      config.pool = "kept";
      config.testTimeout = testTimeout;
    }
  };
  runner.init = async () => {
    await init.call(runner);
    for (const { config } of runner.ctx.projects)
      config.poolRunner = { name: "kept", createPoolWorker: (options) => thread.lease(options) };
  };
  // Each file loads its modules itself: only so is it known which mutants it reaches.
  runner.dryRun = (options) => {
    configure(true, DRY_RUN_TIMEOUT_MS);
    return dryRun.call(runner, options);
  };
  runner.mutantRun = async (options) => {
    configure(false, MUTANT_TIMEOUT_MS);
    // A mutant that is only active while a test runs needs no newly loaded modules, although Stryker asks for them.
    const isStatic = options.mutantActivation === "static";
    if (isStatic || wasStatic) loading += 1;
    wasStatic = isStatic;
    runner.ctx.provide("loading", loading);
    // Stryker does not know which tests reach code that runs as its module loads: those that import it.
    runner.options.vitest.related = isStatic;
    process.env["MUTATED_FILE"] = options.sandboxFileName;
    return mutantRun.call(runner, options);
  };
  runner.dispose = async () => {
    await thread.discard();
    await dispose.call(runner);
  };
  return runner;
};
keptVitest.inject = factory.inject;

/** Stryker finds its plugins under this name. */
export const strykerPlugins = [{ kind: "TestRunner", name: "kept-vitest", factory: keptVitest }];
