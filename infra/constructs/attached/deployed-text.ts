/** A state machine's definition in a template. */
export interface DeployedText {
  /** The text, with a placeholder for each value that only the deployment knows. */
  readonly text: string;
  /** The values of its placeholders, as the template has them. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The reason why the definition is not known before the deployment. */
  readonly problem?: string;
}

const UNKNOWN =
  "The definition must be known when the app is synthesized: give chainable states, a file or a text. Values in it may be unknown.";

/**
 * Reads a definition as CDK resolves it: a text, or a `Fn::Join` of texts and of functions of CloudFormation. Each function becomes a
 * placeholder that is named after it, so that the same app always gives the same text.
 */
export const deployedText = (definition: unknown, substitutions: unknown): DeployedText => {
  const values = new Map<string, unknown>(Object.entries((substitutions ?? {}) as object));
  const known = new Map<string, string>();
  const placeholder = (value: unknown): string => {
    const key = JSON.stringify(value);
    const name = known.get(key) ?? unused(nameOf(value), values);
    known.set(key, name);
    values.set(name, value);
    return `\${${name}}`;
  };
  const parts = partsOf(definition);
  const text = parts?.map((part) => (typeof part === "string" ? part : placeholder(part))).join("") ?? "{}";
  return {
    text,
    values: Object.fromEntries(values),
    ...(parts === undefined ? { problem: UNKNOWN } : {}),
  };
};

const partsOf = (definition: unknown): readonly unknown[] | undefined => {
  if (typeof definition === "string") return [definition];
  const [delimiter, parts] = (definition as { "Fn::Join"?: [string, unknown[]] })["Fn::Join"] ?? [];
  return delimiter === "" && Array.isArray(parts) ? parts : undefined;
};

/** `Ref` and `Fn::GetAtt` have names of their own. Others are rare. */
const nameOf = (value: unknown): string => {
  const { Ref, "Fn::GetAtt": attribute } = value as { Ref?: unknown; "Fn::GetAtt"?: unknown };
  const parts = typeof Ref === "string" ? [Ref] : Array.isArray(attribute) ? attribute : [];
  const name = parts
    .filter((part) => typeof part === "string")
    .join("")
    .replace(/[^A-Za-z0-9]/g, "");
  return name === "" ? "Value" : name;
};

const unused = (name: string, values: ReadonlyMap<string, unknown>): string => {
  let candidate = name;
  for (let number = 2; values.has(candidate); number++) candidate = `${name}${number}`;
  return candidate;
};
