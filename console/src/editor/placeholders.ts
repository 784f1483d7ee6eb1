import { parse } from "yaml";

export type Substitutions = Readonly<Record<string, string | number | boolean>>;

/**
 * The definition that a text, in JSON or YAML, comes to for its graph. Placeholders without a value stand for their own names.
 * Throws if the text cannot be read.
 */
export const sketch = (text: string, substitutions: Substitutions): unknown =>
  parse(
    text.replace(/\$\{([^!${}][^${}]*)\}/g, (_, name: string) => String(substitutions[name] ?? name)),
    { logLevel: "silent" },
  );
