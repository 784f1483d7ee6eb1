/**
 * Rules of AWS's cfn-lint, which npm does not have, by its own ids. `npm run prove:package` runs cfn-lint itself where it is
 * installed. CDK's own check, which app.test.ts runs, compares the properties with the resource types' schemas.
 */
interface Resource {
  readonly Type?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}
interface Output {
  readonly Value?: unknown;
  readonly Export?: { readonly Name?: unknown };
}
type Section<T> = Readonly<Record<string, T>>;
export interface Template {
  readonly Parameters?: Section<unknown>;
  readonly Conditions?: Section<unknown>;
  readonly Rules?: Section<unknown>;
  readonly Mappings?: Section<unknown>;
  readonly Resources: Section<Resource>;
  readonly Outputs?: Section<Output>;
}

const SECTIONS = [
  ...["AWSTemplateFormatVersion", "Conditions", "Description", "Mappings", "Metadata", "Outputs"],
  ...["Parameters", "Resources", "Rules", "Transform"],
];
const ATTRIBUTES = [
  ...["Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type"],
  ...["UpdatePolicy", "UpdateReplacePolicy"],
];
const MAX_BYTES = 1_000_000;
const MAX_RESOURCES = 500;
const MAX_OUTPUTS = 200;

/** All intrinsic function calls in a value: their name and their argument. */
function* calls(value: unknown): Generator<readonly [name: string, argument: unknown]> {
  if (typeof value !== "object" || value === null) return;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && /^(Ref|Condition|Fn::\w+)$/.test(first[0])) yield first;
  for (const [, inner] of entries) yield* calls(inner);
}

const argumentsOf = (value: unknown, name: string): readonly unknown[] =>
  [...calls(value)].flatMap(([called, argument]) => (called === name ? [argument] : []));

/** The names in `${…}` of a Sub, without those that it defines itself and those that are escaped. */
const substituted = (argument: unknown): readonly string[] => {
  const [text, own = {}] = Array.isArray(argument) ? argument : [argument];
  return [...String(text).matchAll(/\$\{([^!}]+)\}/g)]
    .map(([, name = ""]) => name.trim())
    .filter((name) => !Object.hasOwn(own as object, name));
};

const attributeTarget = (argument: unknown): string =>
  String(Array.isArray(argument) ? argument[0] : argument).split(".")[0] ?? "";

/** The logical ids that a resource refers to. */
const references = (resource: Resource): readonly string[] => [
  ...argumentsOf(resource, "Ref").map(String),
  ...argumentsOf(resource, "Fn::GetAtt").map(attributeTarget),
  ...argumentsOf(resource, "Fn::Sub").flatMap(substituted).map(attributeTarget),
  ...[resource.DependsOn ?? []].flat(),
];

const isCircular = (id: string, resources: Section<Resource>): boolean => {
  const seen = new Set<string>();
  const visit = (at: string): boolean =>
    references(resources[at] ?? {}).some((next) => {
      if (next === id) return true;
      if (seen.has(next) || resources[next] === undefined) return false;
      seen.add(next);
      return visit(next);
    });
  return visit(id);
};

const namesIn = ({ Resources, Parameters = {} }: Template): readonly string[] => [
  ...Object.keys(Resources),
  ...Object.keys(Parameters),
];
const isPseudo = (name: string): boolean => name.startsWith("AWS::");
const eachResource = (
  { Resources }: Template,
  problems: (resource: Resource, id: string) => readonly string[],
): readonly string[] => Object.entries(Resources).flatMap(([id, resource]) => problems(resource, id));

type Rule = (template: Template) => readonly string[];

export const RULES = {
  /** Only the sections of a template. */
  E1001: (template) => Object.keys(template).filter((name) => !SECTIONS.includes(name)),
  E1002: (template) => (Buffer.byteLength(JSON.stringify(template)) > MAX_BYTES ? ["too large"] : []),
  /** GetAtt names a resource. */
  E1010: (template) =>
    argumentsOf(template, "Fn::GetAtt")
      .map(attributeTarget)
      .filter((id) => !(id in template.Resources)),
  E1019: (template) =>
    argumentsOf(template, "Fn::Sub")
      .flatMap(substituted)
      .filter((name) => !isPseudo(name) && !namesIn(template).includes(attributeTarget(name))),
  /** Ref names a resource or a parameter. */
  E1020: (template) =>
    argumentsOf(template, "Ref")
      .map(String)
      .filter((name) => !isPseudo(name) && !namesIn(template).includes(name)),
  E1022: (template) =>
    argumentsOf(template, "Fn::Join")
      .filter(
        (argument) => !Array.isArray(argument) || argument.length !== 2 || typeof argument[0] !== "string",
      )
      .map((argument) => JSON.stringify(argument)),
  E3001: (template) =>
    eachResource(template, (resource, id) => [
      ...(typeof resource.Type === "string" && /^(\w+::\w+::\w+|Custom::[\w-]+)$/.test(resource.Type)
        ? []
        : [`${id}: Type`]),
      ...Object.keys(resource)
        .filter((name) => !ATTRIBUTES.includes(name))
        .map((name) => `${id}: ${name}`),
    ]),
  E3004: (template) => eachResource(template, (_, id) => (isCircular(id, template.Resources) ? [id] : [])),
  E3005: (template) =>
    eachResource(template, ({ DependsOn = [] }) =>
      [DependsOn].flat().filter((id) => !(id in template.Resources)),
    ),
  E3006: (template) => namesIn(template).filter((id) => !/^[A-Za-z0-9]{1,255}$/.test(id)),
  E3007: ({ Resources, Parameters = {} }) => Object.keys(Resources).filter((id) => id in Parameters),
  E3010: ({ Resources }) => (Object.keys(Resources).length > MAX_RESOURCES ? ["too many resources"] : []),
  E3015: (template) =>
    eachResource(template, ({ Condition }) =>
      Condition === undefined || Condition in (template.Conditions ?? {}) ? [] : [Condition],
    ),
  E3035: (template) =>
    eachResource(template, ({ DeletionPolicy: policy = "Delete" }, id) =>
      ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"].includes(policy) ? [] : [id],
    ),
  E3510: (template) =>
    eachResource(template, ({ Properties }) =>
      documentsIn(Properties).filter((version) => version !== "2012-10-17"),
    ),
  E6002: ({ Outputs = {} }) =>
    Object.entries(Outputs).flatMap(([id, { Value }]) => (Value === undefined ? [id] : [])),
  E6010: ({ Outputs = {} }) => (Object.keys(Outputs).length > MAX_OUTPUTS ? ["too many outputs"] : []),
  W2001: (template) =>
    Object.keys(template.Parameters ?? {}).filter(
      (name) =>
        name !== "BootstrapVersion" &&
        !argumentsOf(template, "Ref").includes(name) &&
        !argumentsOf(template, "Fn::Sub").flatMap(substituted).includes(name),
    ),
  /** A resource that is kept at its deletion is kept at its replacement too. */
  W3011: (template) =>
    eachResource(template, ({ DeletionPolicy, UpdateReplacePolicy }, id) =>
      (DeletionPolicy === undefined) === (UpdateReplacePolicy === undefined) ||
      (DeletionPolicy === undefined && UpdateReplacePolicy === "Retain")
        ? []
        : [id],
    ),
} as const satisfies Record<string, Rule>;

/** The versions of all policy documents in a value. */
const documentsIn = (value: unknown): readonly string[] => {
  if (typeof value !== "object" || value === null) return [];
  const own = "Statement" in value && "Version" in value ? [String(value.Version)] : [];
  return [...own, ...Object.values(value).flatMap(documentsIn)];
};

/** `rule: finding`, for all rules. */
export const lint = (template: Template): readonly string[] =>
  Object.entries<Rule>(RULES).flatMap(([id, rule]) => rule(template).map((finding) => `${id}: ${finding}`));
