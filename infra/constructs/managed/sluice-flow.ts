import { readFileSync } from "node:fs";
import { Annotations, CustomResource, Stack, Tags } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { checkSource } from "../../../shared/asl/check-source.ts";
import { WORKSPACE_TAG } from "../../../shared/model/machines/workspace-access.ts";
import {
  literals,
  problemsOf,
  refuseNames,
  serviceTokenOf,
  TemplateDefinition,
} from "../attached/template-definition.ts";
import { instanceOf } from "../names.ts";

export interface SluiceFlowProps {
  /** The workspace of the flow. */
  readonly workspace: string;
  /** The flow's id: lower-case letters, digits and hyphens. */
  readonly flowId: string;
  /** The definition: text in JSON or YAML, or an object, which may contain values that only the deployment knows. */
  readonly definition?: string | Readonly<Record<string, unknown>>;
  /** A file with the definition, in place of `definition`. */
  readonly file?: string;
  /** The values of placeholders, such as a function's ARN. They may be known only by the deployment. */
  readonly substitutions?: Readonly<Record<string, string>>;
  /** Functions that the flow calls. They get the tag that opens them to the flows of the workspace. */
  readonly functions?: readonly IFunction[];
  /** The key of that tag, if the deployment of Sluice has another `taskTag`. */
  readonly taskTag?: string;
  /** The flow's name for people. By default, its id. */
  readonly name?: string;
  readonly description?: string;
  /** Checks the steps against the permissions of the user who starts a run (`user`, the default), or not at all (`system`). */
  readonly runAs?: "user" | "system";
  /** Whether new runs start on the published version. By default, they do. */
  readonly activate?: boolean;
  /** The instance of Sluice in this account and region. By default, `instance` of the app's context, or `sluice`. */
  readonly instance?: string;
}

/**
 * A flow of Sluice, published by the deployment of a stack: each change of its definition is a version. The definition is compiled when
 * the app is synthesized, and errors name the state. When the resource is deleted, the flow and its runs stay.
 */
export class SluiceFlow extends Construct {
  /** The number of the published version. */
  readonly version: string;

  constructor(scope: Construct, id: string, props: SluiceFlowProps) {
    super(scope, id);
    const { workspace, flowId, substitutions = {}, functions = [], taskTag = WORKSPACE_TAG } = props;
    refuseNames(this.node.path, { workspace, flowId });
    const definition = new TemplateDefinition(this.textOf(props), substitutions);
    this.node.addValidation({
      validate: () => {
        const source = definition.readIn(this);
        const { text, values } = source;
        // The service refuses what its deployment does not allow.
        return problemsOf(source, () => checkSource({ text, substitutions: literals(values), allow: ["*"] }));
      },
    });
    const published = new CustomResource(this, "Flow", {
      serviceToken: serviceTokenOf(this, props.instance ?? instanceOf(this), workspace),
      resourceType: "Custom::SluiceFlow",
      properties: {
        FlowId: flowId,
        ...definition.properties,
        Name: props.name,
        Description: props.description,
        RunAs: props.runAs,
        Activate: props.activate,
      },
    });
    this.version = published.getAttString("Version");
    for (const one of functions) {
      // The flow may run as soon as it is published.
      published.node.addDependency(one);
      if (one.node.defaultChild === undefined)
        Annotations.of(this).addWarningV2(
          "sluice:tag",
          `The function ${one.node.path} comes from elsewhere. Tag it ${taskTag}=${workspace} there, or the flow cannot call it.`,
        );
      else Tags.of(one).add(taskTag, workspace);
    }
  }

  private textOf({ definition, file }: SluiceFlowProps): string {
    if ((definition === undefined) === (file === undefined))
      throw new Error(`${this.node.path}: give either a definition or a file.`);
    if (file !== undefined) return readFileSync(file, "utf8");
    return typeof definition === "string" ? definition : Stack.of(this).toJsonString(definition);
  }
}
