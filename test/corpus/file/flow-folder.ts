import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { openMachine, readMachine } from "../../../cli/publish/template.ts";
import type { Substitutions } from "../../../shared/asl/source/substitutions.ts";
import type { CorpusFlow } from "./corpus-flow.ts";

const FLOW = /^(?<base>.+)\.(?<kind>asl|template)\.(?:json|ya?ml)$/;

/**
 * Reads the flows of a folder and its subfolders: `<name>.asl.json`, `<name>.asl.yaml`, and templates with one state machine,
 * `<name>.template.yaml`. `<name>.substitutions.json` has values of placeholders.
 */
export async function readFlowFolder(folder: string): Promise<readonly CorpusFlow[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => FLOW.test(file));
  return Promise.all(files.sort().map((file) => readFlowFile(folder, file)));
}

async function readFlowFile(folder: string, name: string): Promise<CorpusFlow> {
  const { base = "", kind } = FLOW.exec(name)?.groups ?? {};
  const file = join(folder, name);
  const values = `${join(folder, base)}.substitutions.json`;
  const own = existsSync(values) ? (JSON.parse(readFileSync(values, "utf8")) as Substitutions) : {};
  const id = relative(folder, join(folder, base));
  if (kind === "asl")
    return { id, text: readFileSync(file, "utf8"), substitutions: own, machineType: undefined };
  const machine = await openMachine(file, undefined);
  const { definition, substitutions } = await readMachine(machine, {});
  return {
    id,
    text: definition.text,
    substitutions: { ...substitutions, ...own },
    machineType: machine.type?.toUpperCase(),
  };
}
