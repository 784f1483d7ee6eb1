import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { Annotations, ArnFormat, CustomResource, type IResolveContext, Lazy, Stack, Tags } from "aws-cdk-lib";
import {
  type CfnStateMachine,
  DefinitionBody,
  FileDefinitionBody,
  StateMachine,
  type StateMachineProps,
  StateMachineType,
} from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { compileTemplate, type TemplateCompilation } from "../../../shared/asl/template.ts";
import { digest } from "../../../shared/model/ids.ts";
import { REGISTRATION_PLACEHOLDERS } from "../../../shared/model/machines/registration.ts";
import { type DeployedText, deployedText } from "./deployed-text.ts";
import { grantSluice } from "./grant-sluice.ts";

/** The flow that a state machine becomes. */
export interface SluiceFlowProps {
  /** The workspace of the flow. */
  readonly workspace: string;
  /** The flow's id: lower-case letters, digits and hyphens. */
  readonly flowId: string;
  /** The flow's name for people. By default, its id. */
  readonly name?: string;
  /** Whether a step begins (`pass`, the default) or its execution fails while the machine cannot call Sluice. */
  readonly whenUnreachable?: "pass" | "fail";
  /** The instance of Sluice in the state machine's account and region. */
  readonly instance?: string;
}

export interface PausableStateMachineProps extends StateMachineProps {
  readonly sluice: SluiceFlowProps;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** The tag by which the owner of a machine lets a workspace attach it. */
const WORKSPACE_TAG = "sluice:workspace";
/** CloudFormation limits the event of a custom resource. Longer definitions are compressed in it. */
const MAX_PLAIN_BYTES = 50_000;

/**
 * A state machine whose executions are runs of Sluice: they can be paused, resumed, cancelled and replayed, whoever starts them. It
 * takes everything that `StateMachine` takes. Its definition gets gates when the app is synthesized; errors name the state. Two resources
 * beside it register the flow: the registration, whose answer the compiled text needs, and the binding, once the text is deployed.
 */
export class PausableStateMachine extends StateMachine {
  constructor(scope: Construct, id: string, { sluice, ...props }: PausableStateMachineProps) {
    refuse(`${scope.node.path}/${id}`, sluice, props);
    super(scope, id, { ...props, ...withText(props) });
    const { workspace, flowId, name, whenUnreachable, instance = "sluice" } = sluice;
    const machine = this.node.defaultChild as CfnStateMachine;
    const { definitionString: written, definitionSubstitutions: given } = machine;
    const read = (context: IResolveContext): DeployedText =>
      deployedText(context.resolve(written), context.resolve(given));
    const compiled = ({ text, values }: DeployedText): TemplateCompilation =>
      compileTemplate({
        ...{ text, substitutions: literals(values), flowId },
        ...(whenUnreachable === undefined ? {} : { whenUnreachable }),
      });
    /** An error is reported by the validation, which comes after the template has been asked for its references. */
    const compiledText = (context: IResolveContext): string => {
      const source = read(context);
      const result = compiled(source);
      return result.ok ? result.text : source.text;
    };
    this.node.addValidation({
      validate: () => {
        const source = Stack.of(this).resolve(Lazy.uncachedAny({ produce: read })) as DeployedText;
        return source.problem === undefined ? problemsOf(compiled(source), source) : [source.problem];
      },
    });

    const serviceToken = Stack.of(this).formatArn({
      service: "lambda",
      resource: "function",
      resourceName: `${instance}-register:ws-${workspace}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const registration = new CustomResource(this, "Registration", {
      serviceToken,
      resourceType: "Custom::SluiceRegistration",
      properties: {
        FlowId: flowId,
        ...(name === undefined ? {} : { Name: name }),
        ...(whenUnreachable === undefined ? {} : { WhenUnreachable: whenUnreachable }),
        Definition: Lazy.uncachedAny({ produce: (context) => plain(read(context).text) }),
        DeflatedDefinition: Lazy.uncachedAny({ produce: (context) => deflated(read(context).text) }),
        Substitutions: Lazy.uncachedAny({ produce: (context) => read(context).values }),
      },
    });
    machine.definitionString = Lazy.uncachedString({ produce: compiledText });
    machine.definitionSubstitutions = Lazy.uncachedAny({
      produce: (context) => ({
        ...read(context).values,
        ...Object.fromEntries(
          REGISTRATION_PLACEHOLDERS.map((key) => [key, context.resolve(registration.getAttString(key))]),
        ),
      }),
    });
    Tags.of(machine).add(WORKSPACE_TAG, workspace);
    if (!grantSluice(this.role, { workspace, instance }))
      Annotations.of(this).addWarningV2(
        "sluice:grant",
        `The role of this state machine comes from elsewhere. Let it call ${instance}-gate:ws-${workspace} and ${instance}-park:ws-${workspace}, or the deployment fails.`,
      );
    const binding = new CustomResource(this, "Binding", {
      serviceToken,
      resourceType: "Custom::SluiceBinding",
      properties: {
        FlowId: flowId,
        StateMachineArn: machine.ref,
        Version: registration.getAttString("SluiceVersion"),
        // Binds again if another release of the compiler gives another text.
        TextHash: Lazy.uncachedString({ produce: (context) => digest(compiledText(context)) }),
      },
    });
    binding.node.addDependency(machine);
  }
}

const refuse = (path: string, { workspace, flowId }: SluiceFlowProps, props: StateMachineProps): void => {
  const wrong = (what: string): Error => new Error(`${path}: ${what}`);
  if (props.stateMachineType === StateMachineType.EXPRESS)
    throw wrong(
      "An EXPRESS state machine cannot be paused, because its executions end after five minutes. Use StateMachineType.STANDARD, or StateMachine.",
    );
  for (const [field, value] of Object.entries({ workspace, flowId }))
    if (!NAME.test(value))
      throw wrong(
        `sluice.${field} must have at most 40 lower-case letters, digits and hyphens, not "${value}".`,
      );
};

/** The definition as text in the template, since its gates are not in the file. */
const withText = ({ definitionBody }: StateMachineProps): Pick<StateMachineProps, "definitionBody"> =>
  definitionBody instanceof FileDefinitionBody
    ? { definitionBody: DefinitionBody.fromString(readFileSync(definitionBody.path, "utf8")) }
    : {};

const isLong = (text: string): boolean => Buffer.byteLength(text) > MAX_PLAIN_BYTES;
const plain = (text: string): string | undefined => (isLong(text) ? undefined : text);
const deflated = (text: string): string | undefined =>
  isLong(text) ? deflateRawSync(text).toString("base64") : undefined;

/** The values that the template states. */
const literals = (values: DeployedText["values"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "object" ? [] : [[name, String(value)]],
    ),
  );

const problemsOf = (result: TemplateCompilation, { values }: DeployedText): string[] => {
  if (!result.ok)
    return result.errors.map(({ path, message, line }) => {
      const place =
        path === "" ? (line === undefined ? "" : `Line ${line} of the definition: `) : `${path}: `;
      return `${place}${message}`;
    });
  return result.open
    .filter((placeholder) => !Object.hasOwn(values, placeholder))
    .map(
      (placeholder) =>
        `\${${placeholder}} has no value. Give one in definitionSubstitutions, or write \${!${placeholder}} if you mean the text itself.`,
    );
};
