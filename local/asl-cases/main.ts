import { parseArgs } from "node:util";
import { asItIs } from "./as-it-is.ts";
import { type AslCase, type CaseKind, readCases } from "./case.ts";
import { runCases } from "./compare.ts";
import { Compiled } from "./compiled.ts";

const USAGE = "Usage: npm run asl-cases -- [--verbose] FILE";

async function report(kind: CaseKind, cases: readonly AslCase[]): Promise<number> {
  const results = await runCases(kind, cases);
  const failed = results.filter(({ differences }) => differences.length > 0);
  console.log(`${kind.name}:`);
  for (const { id, differences } of failed) console.log(`  ${id}\n    ${differences.join("\n    ")}`);
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length;
}

/** Runs the cases in both ways and returns the number of failures. */
async function run(cases: readonly AslCase[], verbose: boolean): Promise<number> {
  let failures = await report(asItIs, cases);
  const compiled = await Compiled.start();
  try {
    failures += await report(compiled, cases);
    const passed = [...compiled.gatesPassed.values()].reduce((sum, count) => sum + count, 0);
    console.log(`gates passed: ${passed}`);
    if (verbose) for (const [id, count] of compiled.gatesPassed) console.log(`  ${id}: ${count}`);
    const ungated = compiled.ungated();
    for (const id of ungated) console.log(`  ${id}: entered a gated state and passed no gate`);
    return failures + ungated.length;
  } finally {
    await compiled.close();
  }
}

/** Returns the exit code. 0: all passed; 1: a case failed; 2: the file cannot be used. */
async function main(): Promise<number> {
  let cases: AslCase[];
  let verbose: boolean;
  try {
    const { values, positionals } = parseArgs({
      options: { verbose: { type: "boolean", short: "v", default: false } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error(USAGE);
    verbose = values.verbose;
    cases = await readCases(file);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  return (await run(cases, verbose)) === 0 ? 0 : 1;
}

process.exitCode = await main();
