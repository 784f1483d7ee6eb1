import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { flowIdIn, substitutionsFile } from "../../shared/asl/source/flow-files.ts";
import { isJsonObject } from "../../shared/model/json/json.ts";
import { usage } from "../failure.ts";
import { flowIdOf } from "../publish/what-to-publish.ts";
import { readJson, readText } from "../terminal/read-json.ts";

type Substitutions = Readonly<Record<string, string | number | boolean>>;

/** A flow in the form of its files. */
export interface FlowFile {
  readonly flowId: string;
  readonly file: string;
  readonly text: string;
  readonly substitutions: Substitutions;
}

/**
 * Reads flows from files, and from all definitions in folders. The values of placeholders come from `<flowId>.substitutions.json` next to
 * the definition and from the command line, which takes precedence.
 */
export const readFlowFiles = async (
  paths: readonly string[],
  set: Readonly<Record<string, string>>,
): Promise<readonly FlowFile[]> => {
  const files = paths.flatMap((path) => (isFolder(path) ? definitionsIn(path) : [path]));
  const byFlow = new Map<string, string>();
  for (const file of files) {
    const flowId = flowIdOf(file, "Rename the file to <flowId>.asl.json, .asl.yaml or .asl.yml.");
    const other = byFlow.get(flowId);
    if (other !== undefined && other !== file)
      throw usage(`${other} and ${file} both define the flow ${flowId}. Rename one of them.`);
    byFlow.set(flowId, file);
  }
  return Promise.all(
    [...byFlow].map(async ([flowId, file]) => ({
      ...{ flowId, file, text: await readText(file) },
      substitutions: { ...(await substitutionsBeside(file, flowId)), ...set },
    })),
  );
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const definitionsIn = (folder: string): readonly string[] => {
  const names = readdirSync(folder).filter((name) => flowIdIn(name) !== undefined);
  if (names.length === 0)
    throw usage(`${folder} contains no flow. Name its files <flowId>.asl.json, .asl.yaml or .asl.yml.`);
  return names.sort().map((name) => join(folder, name));
};

const substitutionsBeside = async (file: string, flowId: string): Promise<Substitutions> => {
  const path = join(dirname(file), substitutionsFile(flowId));
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return {};
  const values = await readJson(path);
  if (!isJsonObject(values) || Object.values(values).some((value) => typeof value === "object"))
    throw usage(`${path} must be a JSON object of strings, numbers and booleans: {"Name": "value"}.`);
  return values as Substitutions;
};
