import { asItIs } from "./as-it-is.ts";
import { type CaseKind, readCases } from "./case.ts";
import { runCases } from "./run.ts";

/** In the order in which they are reported. */
const KINDS: readonly CaseKind[] = [asItIs];

async function main(file: string | undefined): Promise<number> {
  if (file === undefined) {
    console.error("usage: npm run asl-cases -- FILE");
    return 2;
  }
  const cases = await readCases(file);
  let failures = 0;
  for (const kind of KINDS) {
    const results = await runCases(kind, cases);
    const failed = results.filter(({ differences }) => differences.length > 0);
    console.log(`${kind.name}:`);
    for (const { id, differences } of failed) console.log(`  ${id}\n    ${differences.join("\n    ")}`);
    console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
    failures += failed.length;
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2]);
