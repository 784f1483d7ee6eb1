import { enumerate } from "./enumerate.ts";
import { report } from "./report.ts";
import { laterScenarios, scenarios } from "./scenarios/all.ts";

/** Proves every crash point of every operation: `npm run crash-points [-- <part of a name>]`. */
process.env["POWERTOOLS_LOG_LEVEL"] ??= "SILENT";
const [part = ""] = process.argv.slice(2);
const onProgress = (line: string): void => console.log(line);
const named = ({ name }: { name: string }) => name.includes(part);

const first = await enumerate({ scenarios: scenarios.filter(named), onProgress });
const proofs = [first];
for (const [leap, later] of Object.entries(laterScenarios))
  proofs.push(await enumerate({ scenarios: later.filter(named), leap, onProgress }));
const wrong = proofs.flatMap((proof) => proof.wrong);
console.log(report(proofs.flatMap(({ proved }) => proved)));
console.log(wrong.length === 0 ? "All repaired." : `${wrong.length} violations.`);
process.exit(wrong.length === 0 ? 0 : 1);
