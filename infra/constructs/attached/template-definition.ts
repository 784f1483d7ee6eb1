import { deflateRawSync } from "node:zlib";
import { ArnFormat, type IResolveContext, Lazy, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { PlacedProblem } from "../../../shared/asl/source/read-source.ts";
import { workspaceAlias } from "../../../shared/model/machines/workspace-access.ts";
import { NAME } from "../../../shared/model/names.ts";
import { type DeployedText, deployedText } from "./deployed-text.ts";

/** CloudFormation limits the event of a custom resource. Longer definitions are compressed in it. */
const MAX_PLAIN_BYTES = 50_000;

/** Throws an error that names the construct, unless all of these can be workspaces and flow ids, which have the same form. */
export const refuseNames = (path: string, names: Readonly<Record<string, string>>): void => {
  for (const [field, value] of Object.entries(names))
    if (!NAME.test(value))
      throw new Error(
        `${path}: ${field} must have at most 40 lower-case letters, digits and hyphens, not "${value}".`,
      );
};

/** Returns the ARN of the function that creates the resources of templates, with the alias of the workspace. */
export const serviceTokenOf = (scope: IConstruct, instance: string, workspace: string): string =>
  aliasArn(scope, `${instance}-register`, workspace);

/** Returns the ARN of a function's alias of the workspace. */
export const aliasArn = (scope: IConstruct, functionName: string, workspace: string): string =>
  Stack.of(scope).formatArn({
    service: "lambda",
    resource: "function",
    resourceName: `${functionName}:${workspaceAlias(workspace)}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** A definition and its substitutions as they are in the template. They are read when the template is written. */
export class TemplateDefinition {
  readonly read: (context: IResolveContext) => DeployedText;

  constructor(written: unknown, substitutions: unknown) {
    this.read = (context) => deployedText(context.resolve(written), context.resolve(substitutions));
  }

  readIn(scope: IConstruct): DeployedText {
    return Stack.of(scope).resolve(Lazy.uncachedAny({ produce: this.read })) as DeployedText;
  }

  /** The definition as properties of a custom resource. */
  get properties(): Readonly<Record<string, unknown>> {
    const { read } = this;
    return {
      Definition: Lazy.uncachedAny({ produce: (context) => plain(read(context).text) }),
      DeflatedDefinition: Lazy.uncachedAny({ produce: (context) => deflated(read(context).text) }),
      Substitutions: Lazy.uncachedAny({ produce: (context) => read(context).values }),
    };
  }
}

const isLong = (text: string): boolean => Buffer.byteLength(text) > MAX_PLAIN_BYTES;
const plain = (text: string): string | undefined => (isLong(text) ? undefined : text);
const deflated = (text: string): string | undefined =>
  isLong(text) ? deflateRawSync(text).toString("base64") : undefined;

/** Returns the values that are known when the app is synthesized. */
export const literals = (values: DeployedText["values"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "object" ? [] : [[name, String(value)]],
    ),
  );

/** The outcome of compiling a definition. */
type Verdict =
  | { readonly ok: true; readonly open: readonly string[] }
  | { readonly ok: false; readonly errors: readonly PlacedProblem[] };

/** Returns the errors of a definition, for CDK's validation. */
export const problemsOf = ({ values, problem }: DeployedText, compile: () => Verdict): string[] => {
  if (problem !== undefined) return [problem];
  const verdict = compile();
  if (!verdict.ok)
    return verdict.errors.map(({ path, message, line }) => {
      const place =
        path === "" ? (line === undefined ? "" : `Line ${line} of the definition: `) : `${path}: `;
      return `${place}${message}`;
    });
  return verdict.open
    .filter((placeholder) => !Object.hasOwn(values, placeholder))
    .map(
      (placeholder) =>
        `\${${placeholder}} has no value. Give one in the substitutions, or write \${!${placeholder}} if you mean the text itself.`,
    );
};
