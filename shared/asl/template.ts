import { isJsonObject, type Json, type JsonObject } from "../model/json/json.ts";
import { REGISTRATION_PLACEHOLDERS } from "../model/machines/registration.ts";
import { compileFlow } from "./compile.ts";
import type { AttributeIndex } from "./definition-field.ts";
import { MAX_DEFINITION_BYTES } from "./parse/plain-json.ts";
import { type PlacedProblem, readSource } from "./source/read-source.ts";
import { StandIns } from "./source/stand-ins.ts";
import type { Substitutions } from "./source/substitutions.ts";

type Own = (typeof REGISTRATION_PLACEHOLDERS)[number];

export interface TemplateInput {
  /** The definition, JSON or YAML, which may have placeholders as in `DefinitionSubstitutions`. */
  readonly text: string;
  /** Values of placeholders that are known already. */
  readonly substitutions?: Substitutions;
  readonly flowId: string;
  readonly whenUnreachable?: "pass" | "fail";
}

export type TemplateCompilation =
  | {
      readonly ok: true;
      /** The text with gates, as JSON once its placeholders are filled. */
      readonly text: string;
      /** The definition as an object, in which a placeholder without a value is a string. */
      readonly definition: JsonObject;
      /** The same of the text with gates. */
      readonly compiled: JsonObject;
      /** The machine's own TimeoutSeconds, if it is known. */
      readonly timeoutSeconds?: number;
      readonly index?: AttributeIndex;
      readonly expect?: string;
      readonly warnings: readonly string[];
      /** The definition's own placeholders that still need values. */
      readonly open: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly PlacedProblem[] };

/**
 * Compiles the definition of a state machine that a template deploys. Pure: needs no account and no service. The compiled text contains a
 * placeholder for each value that only the deployment knows. Filling these gives the same text as compiling the filled definition.
 */
export const compileTemplate = (input: TemplateInput): TemplateCompilation => {
  const { text, substitutions = {}, flowId, whenUnreachable = "pass" } = input;
  const reserved = REGISTRATION_PLACEHOLDERS.find((name) => text.includes(`\${${name}}`));
  if (reserved !== undefined)
    return refused(
      `The definition already has gates: it contains \${${reserved}}. Compile the definition without them.`,
    );

  const standIns = new StandIns(`${text}${JSON.stringify(substitutions)}`);
  const reading = readSource(text, substitutions, standIns.replaceIn);
  if (!reading.ok) return restored(reading.errors, standIns);
  const { place } = reading;
  const open = standIns.names;
  const definition = standIns.typed(reading.definition);
  const name = namedByPlaceholder(definition, standIns, open);
  if (name !== undefined) {
    const message = `The name of a state cannot contain a placeholder. Give the value of \${${name}}, or write the name.`;
    return refused(message);
  }

  const partition = standIns.word("SluicePartition" satisfies Own);
  const ownFunction = (name: Own): string =>
    `arn:${partition}:lambda:us-east-1:000000000000:function:${standIns.word(name)}`;
  const compilation = compileFlow({
    definition,
    constants: {
      // The gates' aliases name the workspace.
      ...{ workspace: "", flowId, incarnation: standIns.word("SluiceIncarnation" satisfies Own) },
      version: standIns.number("SluiceVersion" satisfies Own),
    },
    functions: {
      gate: ownFunction("SluiceGate"),
      park: ownFunction("SluicePark"),
      humanStep: "",
      continueAsNew: "",
    },
    attached: { whenUnreachable },
  });
  if (!compilation.ok)
    return restored(
      compilation.errors.map((problem) => ({ ...problem, ...place(problem.path) })),
      standIns,
    );
  const { compiled, warnings, timeoutSeconds, index, expect } = compilation;
  const readable = standIns.restore(JSON.stringify(compiled, null, 2));
  const isShort = Buffer.byteLength(readable) < MAX_DEFINITION_BYTES / 2;
  return {
    ok: true,
    text: isShort ? readable : standIns.restore(JSON.stringify(compiled)),
    definition: standIns.restoreIn(definition) as JsonObject,
    compiled: standIns.restoreIn(compiled) as JsonObject,
    ...(standIns.isOne(timeoutSeconds) ? {} : { timeoutSeconds }),
    ...(index === undefined ? {} : { index }),
    ...(expect === undefined ? {} : { expect }),
    warnings: warnings.map((warning) => standIns.restore(warning)),
    // Not those that only a comment has.
    open: open.filter((name) => readable.includes(`\${${name}}`)),
  };
};

const refused = (message: string): TemplateCompilation => ({ ok: false, errors: [{ path: "", message }] });

const restored = (errors: readonly PlacedProblem[], standIns: StandIns): TemplateCompilation => ({
  ok: false,
  errors: errors.map((problem) => standIns.restoreProblem(problem)),
});

/** Returns the first placeholder in the name of a state. Its value would have to be escaped wherever gates name the state. */
const namedByPlaceholder = (
  definition: JsonObject,
  standIns: StandIns,
  names: readonly string[],
): string | undefined => {
  const inName = (value: Json): string | undefined => {
    if (Array.isArray(value)) return first(value, inName);
    if (!isJsonObject(value)) return undefined;
    const states = value["States"];
    const own = isJsonObject(states) ? Object.keys(states) : [];
    const used = names.find((name) => own.some((state) => state.includes(standIns.word(name))));
    return used ?? first(Object.values(value), inName);
  };
  return first([definition], inName);
};

const first = <T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined => {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
};
