import type { Machine } from "../../shared/asl/parse/machine.ts";
import { readMachine } from "../../shared/asl/parse/read-machine.ts";
import { readSource, type SourceReading } from "../../shared/asl/source/read-source.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import type { CorpusFlow } from "./file/corpus-flow.ts";
import { differencesBetween, hasAborted } from "./run/compare.ts";
import { type CorpusStack, StatesError, startCorpusStack } from "./run/corpus-stack.ts";
import { rawWithObjects } from "./run/objects.ts";
import { ENDLESS } from "./run/outcome.ts";
import { runPaused } from "./run/paused-run.ts";
import { publish } from "./run/publish.ts";
import { createMachine } from "./run/raw-run.ts";
import { writeWorld } from "./world/folders.ts";
import { type Weather, type World, worldOf } from "./world/world.ts";

/** The result for a flow of the corpus. */
export interface Measured {
  readonly id: string;
  /** Whether its placeholders need values. */
  readonly isFilled: boolean;
  /** Why publishing refuses it, with everything allowed. */
  readonly refused?: string;
  /** Why Step Functions refuses it. */
  readonly refusedByAws?: string;
  /** The differences between its runs and those without Sluice. Empty if there are none. */
  readonly differences: readonly string[];
  readonly runs: readonly RunSummary[];
}

interface RunSummary {
  readonly weather: Weather;
  readonly status: string;
  readonly calls: number;
  readonly gates: number;
}

const FLOW = "flow";

/** Publishes a flow with everything allowed, and runs it without and with Sluice, with a pause and a resume in the middle. */
export async function measure(flow: CorpusFlow): Promise<Measured> {
  const isFilled = Object.keys(flow.substitutions).length > 0;
  const reading = readSource(flow.text, flow.substitutions);
  if (!reading.ok) return unreadable(flow.id, isFilled, reading);
  const { definition } = reading;
  const machine = readMachine(definition, () => undefined);
  const world = machine && worldOf(machine);
  const folders = world && writeWorld(world);
  folders?.restart("fair");
  const stack = await startCorpusStack(["*"], folders);
  try {
    const refused = (await publish(stack.admin, FLOW, flow))?.reason;
    const aws = await awsTakes(stack, definition);
    const about = { id: flow.id, isFilled, ...(refused === undefined ? {} : { refused }) };
    if ("refused" in aws) return { ...about, refusedByAws: aws.refused, ...empty(refused) };
    if (refused !== undefined || world === undefined || machine === undefined)
      return { ...about, differences: [], runs: [] };
    const weathers: Weather[] = Object.keys(world.faults).length === 0 ? ["fair"] : ["fair", "faults"];
    const differences: string[] = [];
    const runs: RunSummary[] = [];
    for (const weather of weathers) {
      const restart = () => folders?.restart(weather);
      const compared = await compareRuns({ stack, machine, machineArn: aws.machineArn, world, restart });
      runs.push({ weather, ...compared.run });
      differences.push(...compared.differences.map((line) => `${weather}: ${line}`));
    }
    return { ...about, differences, runs };
  } finally {
    await stack.close();
    folders?.remove();
  }
}

/** No deployment tool accepts a text that is neither JSON nor YAML. A missing value is a mistake in the corpus. */
function unreadable(
  id: string,
  isFilled: boolean,
  { errors, unfilled }: Extract<SourceReading, { ok: false }>,
): Measured {
  const refused = errors.map(({ message, line = 0 }) => `line ${line}: ${message}`).join("; ");
  return {
    ...{ id, isFilled, refused, differences: [], runs: [] },
    ...(unfilled === undefined ? { refusedByAws: refused } : {}),
  };
}

/** A flow that Step Functions refuses but Sluice publishes counts as different. */
const empty = (refused: string | undefined): Pick<Measured, "differences" | "runs"> => ({
  differences: refused === undefined ? ["it is published although Step Functions refuses it"] : [],
  runs: [],
});

async function awsTakes(
  stack: CorpusStack,
  definition: JsonObject,
): Promise<{ readonly machineArn: string } | { readonly refused: string }> {
  try {
    return { machineArn: await createMachine(stack, definition) };
  } catch (error) {
    if (error instanceof StatesError) return { refused: error.message };
    throw error;
  }
}

interface Comparison {
  readonly stack: CorpusStack;
  readonly machine: Machine;
  readonly machineArn: string;
  readonly world: World;
  readonly restart: () => void;
}

async function compareRuns({ stack, machine, machineArn, world, restart }: Comparison): Promise<{
  readonly run: Omit<RunSummary, "weather">;
  readonly differences: readonly string[];
}> {
  const { outcome: raw, moves } = await rawWithObjects(stack, machineArn, world, restart);
  const endless = raw.status === ENDLESS ? moves : undefined;
  const run = (pauseAt: number) => {
    restart();
    return runPaused(stack, FLOW, world.input, { pauseAt: Math.max(1, pauseAt), moves: endless });
  };
  const middle = Math.ceil(raw.gated / 2);
  let paused = await run(middle);
  let differences = differencesBetween(machine, raw, paused.outcome);
  for (const pauseAt of [1, Math.ceil(middle / 2)]) {
    // No later gate could pause it, or fewer states have gates than expected, because EXPRESS children have none.
    const isUnpaused = !paused.wasResumed && paused.gates > 0;
    // Which of two branches fails first can differ, without Sluice too.
    const isRace = differences.length > 0 && hasAborted(machine, raw);
    if (!isUnpaused && !isRace) break;
    paused = await run(pauseAt);
    differences = differencesBetween(machine, raw, paused.outcome);
  }
  return {
    run: {
      status: [raw.status, raw.error ?? ""].join(" ").trim(),
      calls: Math.max(raw.calls.length, raw.received.length),
      gates: paused.gates,
    },
    differences: [
      ...differences,
      ...(paused.gates > 0 && !paused.wasResumed ? ["it was never paused and resumed"] : []),
      ...(STUB_FAULT.test(raw.error ?? "") ? [`a generated stub failed: ${raw.error} ${raw.cause}`] : []),
    ],
  };
}

const STUB_FAULT = /^(TypeError|SyntaxError|ReferenceError|Sluice\.NoStub)$/;
