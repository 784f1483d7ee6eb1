import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap, isScalar, type ParsedNode } from "yaml";
import { usage } from "../failure.ts";
import { readText } from "../terminal/read-json.ts";
import { objectDefinition, textDefinition } from "./embedded-definition.ts";
import { intrinsicIn, textOf } from "./intrinsics.ts";
import type { DefinitionSource, TemplateSource } from "./source.ts";
import { TemplateFile } from "./template-file.ts";

const SAM = "AWS::Serverless::StateMachine";
const MACHINE_TYPES = [SAM, "AWS::StepFunctions::StateMachine"];

interface Machine {
  readonly template: TemplateFile;
  readonly id: string;
  readonly properties: ParsedNode | undefined;
  /** EXPRESS or STANDARD, if the template says so. */
  readonly type: string | undefined;
}

/** A state machine of a SAM or CloudFormation template, including CDK's. */
export const openMachine = async (file: string, resource: string | undefined): Promise<Machine> => {
  const template = await TemplateFile.read(file);
  const machines = template
    .fields(template.field(template.root, "Resources"))
    .filter(([, node]) => MACHINE_TYPES.includes(template.textField(node, "Type") ?? ""));
  const ids = machines.map(([id]) => id);
  if (ids.length === 0)
    throw usage(`${file} has no state machine: no resource of ${MACHINE_TYPES.join(" or ")}.`);
  if (resource === undefined && ids.length > 1)
    throw usage(`${file} has several state machines. Choose one with --resource: ${ids.join(", ")}.`);
  const found = machines.find(([id]) => id === (resource ?? ids[0]));
  if (found === undefined)
    throw usage(`${file} has no state machine ${resource}. It has: ${ids.join(", ")}.`);
  const [id, node] = found;
  const properties = template.field(node, "Properties");
  const type = template.textField(properties, "Type") ?? template.textField(properties, "StateMachineType");
  return { template, id, properties, type };
};

/**
 * Reads a machine's definition from its template, or from the file that it names.
 *
 * @param set values of the command line, which parameters of the template can depend on
 */
export const readMachine = async (
  machine: Machine,
  set: Readonly<Record<string, string>>,
): Promise<TemplateSource> => {
  const { substitutions, unknown } = substitutionsOf(machine, set);
  const definition = await definitionOf(machine);
  const defaults = Object.entries(parameters(machine.template)).filter(([name]) =>
    definition.text.includes(`\${${name}}`),
  );
  return { definition, substitutions: { ...Object.fromEntries(defaults), ...substitutions }, unknown };
};

/** Returns the machine's own substitutions, for a definition from another file. */
export const substitutionsOf = (
  { template, properties }: Machine,
  set: Readonly<Record<string, string>>,
): Pick<TemplateSource, "substitutions" | "unknown"> => {
  const known: Readonly<Record<string, string>> = { ...parameters(template), ...set };
  const substitutions: Record<string, string> = {};
  const unknown = new Map<string, string>();
  for (const [name, node] of template.fields(template.field(properties, "DefinitionSubstitutions"))) {
    const text = textOf(template, node, () => false)?.replace(
      /\$\{([^!{}][^{}]*)\}/g,
      (whole, inner: string) => (intrinsicIn(template, node) === undefined ? whole : (known[inner] ?? whole)),
    );
    const isKnown = text !== undefined && (intrinsicIn(template, node) === undefined || !text.includes("${"));
    if (isKnown) substitutions[name] = text;
    else unknown.set(name, `${template.at(node)}: ${intrinsicIn(template, node)?.shown ?? "not a literal"}`);
  }
  return { substitutions, unknown };
};

/** Returns the defaults of the template's parameters, which a deployment uses unless it overrides them. */
const parameters = (template: TemplateFile): Record<string, string> =>
  Object.fromEntries(
    template.fields(template.field(template.root, "Parameters")).flatMap(([name, parameter]) => {
      const value = template.field(parameter, "Default");
      return isScalar(value) ? [[name, String(value.value)]] : [];
    }),
  );

const definitionOf = async (machine: Machine): Promise<DefinitionSource> => {
  const { template, id, properties } = machine;
  const own = new Set(
    template.fields(template.field(properties, "DefinitionSubstitutions")).map(([name]) => name),
  );
  const isSubstitution = (name: string) => own.has(name);
  const object = template.field(properties, "Definition");
  if (object !== undefined) {
    if (!isMap(object) || intrinsicIn(template, object) !== undefined)
      throw usage(`${template.at(object)}: The Definition of ${id} must be an object.`);
    return objectDefinition(template, object, isSubstitution);
  }
  const text = template.field(properties, "DefinitionString");
  if (text !== undefined) return textDefinition(template, text, isSubstitution);
  for (const name of ["DefinitionUri", "DefinitionS3Location"]) {
    const location = template.field(properties, name);
    if (location !== undefined) return fileDefinition(machine, name, location);
  }
  throw usage(`${template.file}: The state machine ${id} has no definition.`);
};

/** A path is relative to the template, as for `sam` and `aws cloudformation package`. */
const fileDefinition = async (
  { template, id }: Machine,
  field: string,
  node: ParsedNode,
): Promise<DefinitionSource> => {
  const folder = dirname(template.file);
  const path = isScalar(node) && node.tag === undefined ? String(node.value) : undefined;
  if (path !== undefined && !path.startsWith("s3://")) {
    const file = join(folder, path);
    return { text: await readText(file), file };
  }
  // CDK writes the files that it uploads next to its template.
  const key = template.textField(node, "Key");
  const asset = key === undefined ? undefined : join(folder, `asset.${key}`);
  if (asset !== undefined && existsSync(asset)) return { text: await readText(asset), file: asset };
  throw usage(
    `${template.at(node)}: The ${field} of ${id} is in S3, which the command line does not read. Publish the file itself, with the template's substitutions: sluice flows publish <flowId> FILE --template ${template.file}.`,
  );
};
