import { compileFlow } from "./compile.ts";
import { type PlacedProblem, readSource } from "./source/read-source.ts";
import { StandIns } from "./source/stand-ins.ts";
import type { Substitutions } from "./source/substitutions.ts";

export interface SourceToCheck {
  /** The definition, JSON or YAML, which may have placeholders. */
  readonly text: string;
  readonly substitutions?: Substitutions;
  /** Sets and ARNs that the deployment allows its flows to use. */
  readonly allow: readonly string[];
}

export type SourceCheck =
  | {
      readonly ok: true;
      readonly warnings: readonly string[];
      /** Placeholders without a value. Publishing refuses them. */
      readonly open: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly PlacedProblem[] };

const ownFunction = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:sluice-${name}`;

/**
 * Compiles a definition as publishing does, and returns its errors with their positions. Pure: needs no account and no service.
 * Placeholders without a value are replaced by stand-ins.
 */
export const checkSource = ({ text, substitutions = {}, allow }: SourceToCheck): SourceCheck => {
  const standIns = new StandIns(`${text}${JSON.stringify(substitutions)}`);
  const refused = (errors: readonly PlacedProblem[]): SourceCheck => ({
    ok: false,
    errors: errors.map((problem) => standIns.restoreProblem(problem)),
  });
  const reading = readSource(text, substitutions, standIns.replaceIn);
  if (!reading.ok) return refused(reading.errors);
  const compilation = compileFlow({
    definition: standIns.typed(reading.definition),
    constants: { workspace: "check", flowId: "check", incarnation: "check", version: 1 },
    functions: {
      ...{ gate: ownFunction("gate"), park: ownFunction("park") },
      ...{ humanStep: ownFunction("human-step"), continueAsNew: ownFunction("hand-over") },
    },
    policy: { allow },
  });
  if (!compilation.ok)
    return refused(compilation.errors.map((problem) => ({ ...problem, ...reading.place(problem.path) })));
  return {
    ok: true,
    warnings: compilation.warnings.map((warning) => standIns.restore(warning)),
    open: standIns.names,
  };
};
