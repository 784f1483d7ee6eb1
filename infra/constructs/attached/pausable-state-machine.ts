import { readFileSync } from "node:fs";
import { Annotations, CustomResource, type IResolveContext, Lazy, Tags } from "aws-cdk-lib";
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
import { WORKSPACE_TAG, workspaceAlias } from "../../../shared/model/machines/workspace-access.ts";
import { instanceOf } from "../names.ts";
import type { DeployedText } from "./deployed-text.ts";
import { grantSluice } from "./grant-sluice.ts";
import {
  literals,
  problemsOf,
  refuseNames,
  serviceTokenOf,
  TemplateDefinition,
} from "./template-definition.ts";

/** The flow that a state machine becomes. */
export interface PausableFlowProps {
  /** The workspace of the flow. */
  readonly workspace: string;
  /** The flow's id: lower-case letters, digits and hyphens. */
  readonly flowId: string;
  /** The flow's name for people. By default, its id. */
  readonly name?: string;
  /** Whether a step begins (`pass`, the default) or its execution fails while the machine cannot call Sluice. */
  readonly whenUnreachable?: "pass" | "fail";
  /** The instance of Sluice in the state machine's account and region. By default, `instance` of the app's context, or `sluice`. */
  readonly instance?: string;
}

export interface PausableStateMachineProps extends StateMachineProps {
  readonly sluice: PausableFlowProps;
}

/**
 * A state machine whose executions are runs of Sluice: they can be paused, resumed, cancelled and replayed, whoever starts them. It
 * takes everything that `StateMachine` takes. Its definition gets gates when the app is synthesized; errors name the state. Two resources
 * next to it register the flow: the registration, whose answer the compiled text needs, and the binding, once the text is deployed.
 */
export class PausableStateMachine extends StateMachine {
  constructor(scope: Construct, id: string, { sluice, ...props }: PausableStateMachineProps) {
    refuse(`${scope.node.path}/${id}`, sluice, props);
    super(scope, id, { ...props, ...withText(props) });
    const { workspace, flowId, name, whenUnreachable, instance = instanceOf(scope) } = sluice;
    const machine = this.node.defaultChild as CfnStateMachine;
    const { definitionString: written, definitionSubstitutions: given } = machine;
    const source = new TemplateDefinition(written, given);
    const { read } = source;
    const compiled = ({ text, values }: DeployedText): TemplateCompilation =>
      compileTemplate({
        ...{ text, substitutions: literals(values), flowId },
        ...(whenUnreachable === undefined ? {} : { whenUnreachable }),
      });
    /** An error is reported by the validation, which comes after the template has been asked for its references. */
    const compiledText = (context: IResolveContext): string => {
      const definition = read(context);
      const result = compiled(definition);
      return result.ok ? result.text : definition.text;
    };
    this.node.addValidation({
      validate: () => {
        const definition = source.readIn(this);
        return problemsOf(definition, () => compiled(definition));
      },
    });

    const serviceToken = serviceTokenOf(this, instance, workspace);
    const registration = new CustomResource(this, "Registration", {
      serviceToken,
      resourceType: "Custom::SluiceRegistration",
      properties: {
        FlowId: flowId,
        ...(name === undefined ? {} : { Name: name }),
        ...(whenUnreachable === undefined ? {} : { WhenUnreachable: whenUnreachable }),
        ...source.properties,
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
        `The role of this state machine comes from elsewhere. Allow it to call ${instance}-gate:${workspaceAlias(workspace)} and ${instance}-park:${workspaceAlias(workspace)}, or the deployment fails.`,
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

const refuse = (path: string, { workspace, flowId }: PausableFlowProps, props: StateMachineProps): void => {
  if (props.stateMachineType === StateMachineType.EXPRESS)
    throw new Error(
      `${path}: An EXPRESS state machine cannot be paused, because its executions end after five minutes. Use StateMachineType.STANDARD, or StateMachine.`,
    );
  refuseNames(path, { "sluice.workspace": workspace, "sluice.flowId": flowId });
};

/** The definition as text in the template, since its gates are not in the file. */
const withText = ({ definitionBody }: StateMachineProps): Pick<StateMachineProps, "definitionBody"> =>
  definitionBody instanceof FileDefinitionBody
    ? { definitionBody: DefinitionBody.fromString(readFileSync(definitionBody.path, "utf8")) }
    : {};
