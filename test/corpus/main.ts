/** `npm run corpus -- FILE`: publishes and runs the flows of a file, and lists those that are refused or behave differently. */
import { parseArgs } from "node:util";
import { publishByDefault } from "./deploy-default.ts";
import type { CorpusFlow } from "./file/corpus-flow.ts";
import { readCorpus } from "./file/read-corpus.ts";
import { type Measured, measure } from "./measure.ts";
import { reportOf } from "./report.ts";

const USAGE = "Usage: npm run corpus -- [--verbose] [--only TEXT] FILE|FOLDER";

/** Returns the exit code. 0: complete; 1: a flow is refused or differs; 2: the file cannot be used. */
async function main(): Promise<number> {
  let flows: readonly CorpusFlow[];
  let verbose: boolean;
  try {
    const { values, positionals } = parseArgs({
      options: { verbose: { type: "boolean", short: "v", default: false }, only: { type: "string" } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new Error(USAGE);
    verbose = values.verbose;
    const { only } = values;
    flows = (await readCorpus(file)).filter(({ id }) => only === undefined || id.includes(only));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  // Failing flows are expected here, so the handlers' log lines about them are suppressed.
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
  const byDefault = await publishByDefault(flows);
  const measured: Measured[] = [];
  for (const flow of flows) {
    const one = await measureOrTell(flow);
    measured.push(one);
    if (verbose) console.log(lineOf(one));
  }
  const { lines, summary, isComplete } = reportOf(measured, byDefault);
  for (const line of [...lines, summary]) console.log(line);
  return isComplete ? 0 : 1;
}

/** A flow that cannot be measured counts as different. */
const measureOrTell = async (flow: CorpusFlow): Promise<Measured> => {
  try {
    return await measure(flow);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { id: flow.id, isFilled: false, differences: [`It could not be measured: ${why}`], runs: [] };
  }
};

const lineOf = ({ id, runs, differences, refused }: Measured): string =>
  [
    refused === undefined && differences.length === 0
      ? "same"
      : refused === undefined
        ? "DIFFERENT"
        : "refused",
    id,
    ...runs.map(
      ({ weather, status, calls, gates }) => `${weather}: ${status}, ${calls} calls, ${gates} gates`,
    ),
  ].join(" | ");

process.exitCode = await main();
