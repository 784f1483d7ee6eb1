import { asItIs } from "./as-it-is.ts";
import { type AslCase, type CaseKind, readCases } from "./case.ts";
import { Compiled } from "./compiled.ts";
import { runCases } from "./run.ts";

async function report(kind: CaseKind, cases: readonly AslCase[]): Promise<number> {
  const results = await runCases(kind, cases);
  const failed = results.filter(({ differences }) => differences.length > 0);
  console.log(`${kind.name}:`);
  for (const { id, differences } of failed) console.log(`  ${id}\n    ${differences.join("\n    ")}`);
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length;
}

async function main(file: string | undefined): Promise<number> {
  if (file === undefined) {
    console.error("usage: npm run asl-cases -- FILE");
    return 2;
  }
  const cases = await readCases(file);
  let failures = await report(asItIs, cases);
  const compiled = await Compiled.start();
  try {
    failures += await report(compiled, cases);
    const ungated = compiled.ungated(cases);
    const passed = [...compiled.gatesPassed.values()].reduce((sum, count) => sum + count, 0);
    console.log(`gates passed: ${passed}`);
    for (const id of ungated) console.log(`  ${id}: entered a gated state and passed no gate`);
    failures += ungated.length;
  } finally {
    await compiled.close();
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
