import { BUGS } from "./bugs.ts";
import { ProjectCopy, type SuiteResult } from "./project-copy.ts";

/** `npm run planted -- [part of a name …]`: plants each bug and says whether its suite finds it. */
const wanted = process.argv.slice(2);
const names = Object.keys(BUGS).filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const copy = new ProjectCopy();
/** The results of the suites without a bug. */
const cleanRuns = new Map<string, SuiteResult>();
let missed = 0;
try {
  for (const name of names) {
    const bug = BUGS[name];
    if (bug === undefined) continue;
    const suite = JSON.stringify(bug.suite);
    const clean = cleanRuns.get(suite) ?? (await copy.play(bug, false));
    cleanRuns.set(suite, clean);
    const sick = await copy.play(bug);
    const isClean = clean.passed > 0 && clean.failed.length === 0;
    const isFound = isClean && sick.failed.length > 0;
    if (!isFound) missed += 1;
    const verdict = isFound ? "found " : isClean ? "MISSED" : "BROKEN";
    process.stdout.write(`${verdict} ${name}: ${sick.failed[0] ?? bug.suite.file}\n`);
    if (!isFound && process.env["VERBOSE"] !== undefined)
      process.stdout.write(`${(isClean ? sick : clean).output}\n`);
  }
} finally {
  copy.remove();
}
process.stdout.write(`${names.length - missed} of ${names.length} planted bugs were found.\n`);
process.exitCode = missed === 0 ? 0 : 1;
