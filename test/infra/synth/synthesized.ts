import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { addSluice } from "../../../infra/stacks/sluice.ts";
import { withEmptyFiles } from "./built-files.ts";

/** The deployment that tests use by default. */
const CONTEXT = {
  "@aws-cdk/aws-iam:minimizePolicies": true,
  issuer: "https://issuer.example",
  audience: "sluice",
  workspaces: "acme,umbrella",
};

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: { readonly Name: unknown } }>>;
}

export interface Synthesized {
  readonly app: App;
  readonly template: (stack: string) => Template;
  /** Resources of a type in all stacks, by stack and logical id. */
  readonly resources: (type: string) => Readonly<Record<string, Resource>>;
  /** The one resource of a type that has these properties. Throws when there is none, or more than one. */
  readonly one: (type: string, properties?: Readonly<Record<string, unknown>>) => Resource;
}

/** Synthesizes the real stacks, with empty files. */
export const synthesize = (context: Readonly<Record<string, unknown>> = {}): Synthesized =>
  withEmptyFiles((files) => {
    // CDK's own check of the templates takes seconds to load. app.test.ts runs it once, for all tests.
    const app = new App({
      builtinCloudFormationValidation: false,
      outdir: mkdtempSync(join(process.env["SYNTH_FOLDER"] ?? tmpdir(), "cdk.out-")),
      context: { ...CONTEXT, ...context },
    });
    addSluice(app, files);
    const templates = new Map(
      app.synth().stacks.map(({ stackName, template }) => [stackName, template as Template]),
    );
    const resources: Synthesized["resources"] = (type) =>
      Object.fromEntries(
        [...templates].flatMap(([stack, { Resources }]) =>
          Object.entries(Resources)
            .filter(([, resource]) => resource.Type === type)
            .map(([id, resource]) => [`${stack}/${id}`, resource]),
        ),
      );
    return {
      app,
      resources,
      template: (stack) => {
        const template = templates.get(stack);
        if (template === undefined) throw new Error(`No stack ${stack}`);
        return template;
      },
      one: (type, properties = {}) => {
        const [found, ...more] = Object.values(resources(type)).filter((resource) =>
          Object.entries(properties).every(([name, value]) => resource.Properties[name] === value),
        );
        if (found === undefined || more.length > 0) {
          throw new Error(`${more.length > 0 ? "Several" : "No"} ${type} with ${JSON.stringify(properties)}`);
        }
        return found;
      },
    };
  });

/** The name of a stack's export: `<stack>:ExportsOutputRef<id><hash>`, or that of an attribute. */
const EXPORT =
  /^(.+):ExportsOutput(?:Ref|FnGetAtt)(\w+?)[0-9A-F]{8}((?:Stream)?Arn|QueueName|ProviderURL|DomainName|ApiEndpoint)?[0-9A-F]{8}$/;

/** A CloudFormation value as a string: references in angle brackets, joins concatenated. */
export const plain = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  const [kind, argument] = Object.entries(value)[0] ?? ["", ""];
  if (kind === "Fn::Join" && Array.isArray(argument)) {
    return (argument[1] as unknown[]).map(plain).join(String(argument[0]));
  }
  if (kind === "Ref") return `<${String(argument)}>`;
  if (kind === "Fn::GetAtt" && Array.isArray(argument)) return `<${argument.join(".")}>`;
  if (kind === "Fn::ImportValue") {
    const [, stack, id, attribute] = EXPORT.exec(plain(argument)) ?? [];
    if (stack !== undefined) return `<${stack}/${id}${attribute === undefined ? "" : `.${attribute}`}>`;
  }
  throw new Error(`Not a text: ${JSON.stringify(value)}`);
};
