import { existsSync } from "node:fs";
import { basename } from "node:path";
import { NAME } from "../../shared/model/names.ts";
import { usage } from "../failure.ts";
import { readText } from "../terminal/read-json.ts";
import type { DefinitionSource, TemplateSource } from "./source.ts";
import { openMachine, readMachine, substitutionsOf } from "./template.ts";

export interface PublishArguments {
  /** The arguments of the command: `[flowId] [file]`. */
  readonly first: string | undefined;
  readonly second: string | undefined;
  readonly template?: string | undefined;
  readonly resource?: string | undefined;
  readonly set: Readonly<Record<string, string>>;
  /** Whether an EXPRESS machine of a template may become a flow, which is STANDARD. */
  readonly asStandard: boolean;
}

interface Publication extends TemplateSource {
  readonly flowId: string;
}

const FILE = /^(?<name>.+?)(?:\.asl)?\.(?:json|ya?ml)$/;

/** Resolves the arguments to a flow's id and its definition, with the values that the template provides. */
export const whatToPublish = async (args: PublishArguments): Promise<Publication> => {
  const { template, resource, set } = args;
  const { flowId, file } = namesIn(args);
  if (template === undefined) {
    if (resource !== undefined)
      throw usage("--resource names a state machine of a template. Add --template.");
    return { flowId, definition: await readFile(file ?? "-"), substitutions: set, unknown: new Map() };
  }
  const machine = await openMachine(template, resource);
  if (machine.type?.toUpperCase() === "EXPRESS" && !args.asStandard) {
    throw usage(
      `${template}: ${machine.id} is an EXPRESS state machine, which cannot be paused: it ends after five minutes. Add --machine-type STANDARD to publish it as a STANDARD one.`,
    );
  }
  const found =
    file === undefined
      ? await readMachine(machine, set)
      : { ...substitutionsOf(machine, set), definition: await readFile(file) };
  return { flowId, ...found, substitutions: { ...found.substitutions, ...set } };
};

const readFile = async (file: string): Promise<DefinitionSource> => ({
  text: await readText(file),
  file: file === "-" ? "stdin" : file,
});

const namesIn = ({
  first,
  second,
  template,
}: PublishArguments): { readonly flowId: string; readonly file?: string } => {
  if (first === undefined) throw usage("Name the flow: sluice flows publish <flowId> …");
  if (second !== undefined) return { flowId: first, file: second };
  if (template !== undefined && !existsSync(first)) return { flowId: first };
  const name = FILE.exec(basename(first))?.groups?.["name"];
  if (name === undefined || !existsSync(first))
    throw usage(
      `There is no file ${first}. Name the flow and its file: sluice flows publish <flowId> <file>.`,
    );
  return { flowId: validId(name, `Give the id: sluice flows publish <flowId> ${first}`), file: first };
};

const validId = (flowId: string, advice: string): string => {
  if (NAME.test(flowId)) return flowId;
  throw usage(
    `${flowId} is not a valid flow id. Use at most 40 lower-case letters, digits and hyphens. ${advice}`,
  );
};

/**
 * Returns the id of a file's flow: the given one, or the one in the file's name.
 * @param advice is added to the message if that is not a valid id
 */
export const flowIdOf = (file: string, advice: string, given?: string): string =>
  validId(given ?? FILE.exec(basename(file))?.groups?.["name"] ?? basename(file), advice);
