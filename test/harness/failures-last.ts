import type { SerializedError } from "vitest";
import type { Reporter, TestModule } from "vitest/node";

/**
 * Names each failed test and file once more after everything else, with the first line of its error, so that they are still to
 * be seen where only the end of a log is kept.
 */
export class FailuresLast implements Reporter {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.#write = write;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [
      ...modules.flatMap(failuresOf),
      ...unhandled.map((error) => `outside of a test: ${firstLine([error])}`),
    ];
    if (lines.length > 0) this.#write(`\nFailed:\n${lines.map((line) => `  ${line}\n`).join("")}`);
  }
}

/** A file can fail without a failed test: when it cannot be loaded, or in a hook. */
const failuresOf = (module: TestModule): string[] => {
  const file = module.relativeModuleId;
  const suites = [module, ...module.children.allSuites()].flatMap((suite) => {
    const errors = suite.errors();
    const name = suite.type === "module" ? "" : ` > ${suite.fullName}`;
    return errors.length === 0 ? [] : [`${file}${name} (outside of its tests): ${firstLine(errors)}`];
  });
  const tests = [...module.children.allTests("failed")].map(
    (test) => `${file} > ${test.fullName}: ${firstLine(test.result().errors ?? [])}`,
  );
  return [...suites, ...tests];
};

const firstLine = ([error]: readonly { readonly message?: string; readonly name?: string }[]): string =>
  (error?.message ?? error?.name ?? "no reason given").split("\n")[0]?.slice(0, 200) ?? "";
