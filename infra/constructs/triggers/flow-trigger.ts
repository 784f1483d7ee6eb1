import { EventField, type EventPattern, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnPipe } from "aws-cdk-lib/aws-pipes";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { aliasArn, refuseNames } from "../attached/template-definition.ts";
import { instanceOf } from "../names.ts";
import { allowing } from "../policy-statements.ts";

export interface FlowTriggerProps {
  /** The workspace of the flow. It must be among the deployment's `workspaces`. */
  readonly workspace: string;
  /** The flow that gets a record for each event, message or object. */
  readonly flowId: string;
  /** The instance of Sluice in this account and region. By default, `instance` of the app's context, or `sluice`. */
  readonly instance?: string;
}

/** The `source` of Sluice's own events. A flow that they start would cause the next one. */
const OWN_SOURCE = "sluice";

/** Sends events, messages or objects to a flow of Sluice, each once: its id is the record's idempotency key. */
export class FlowTrigger extends Construct {
  readonly #intake: IFunction;
  readonly #flowId: string;

  private constructor(scope: Construct, id: string, { workspace, flowId, instance }: FlowTriggerProps) {
    super(scope, id);
    refuseNames(this.node.path, { workspace, flowId });
    this.#flowId = flowId;
    this.#intake = LambdaFunction.fromFunctionAttributes(this, "intake", {
      functionArn: aliasArn(this, `${instance ?? instanceOf(this)}-intake`, workspace),
      sameEnvironment: true,
    });
  }

  /** Sends the events that match the pattern. The payload is the whole event. */
  static rule(
    scope: Construct,
    id: string,
    { eventPattern, ...props }: FlowTriggerProps & { readonly eventPattern: EventPattern },
  ): FlowTrigger {
    if (eventPattern.source?.includes(OWN_SOURCE) === true)
      throw new Error(
        `${scope.node.path}/${id}: the pattern matches events of Sluice itself, and the runs that they start would cause more. Use other events.`,
      );
    const trigger = new FlowTrigger(scope, id, props);
    trigger.#onEvents(eventPattern);
    return trigger;
  }

  /** Sends the messages of a queue. The payload is the message's JSON. A message that fails goes back, and at last to its dead-letter queue. */
  static queue(
    scope: Construct,
    id: string,
    { queue, ...props }: FlowTriggerProps & { readonly queue: IQueue },
  ): FlowTrigger {
    const trigger = new FlowTrigger(scope, id, props);
    const role = new Role(trigger, "role", { assumedBy: new ServicePrincipal("pipes.amazonaws.com") });
    queue.grantConsumeMessages(role);
    role.addToPolicy(allowing(["lambda:InvokeFunction"], [trigger.#intake.functionArn]));
    const pipe = new CfnPipe(trigger, "pipe", {
      roleArn: role.roleArn,
      source: queue.queueArn,
      sourceParameters: { sqsQueueParameters: { batchSize: 10 } },
      target: trigger.#intake.functionArn,
      targetParameters: {
        inputTemplate: `{"flowId":${JSON.stringify(props.flowId)},"messageId":<$.messageId>,"body":<$.body>}`,
        lambdaFunctionParameters: { invocationType: "REQUEST_RESPONSE" },
      },
    });
    // The pipe checks the role's permissions when it is created.
    pipe.node.addDependency(role);
    return trigger;
  }

  /** Sends the objects that are created in a bucket. The payload is EventBridge's event of the object. */
  static bucket(
    scope: Construct,
    id: string,
    { bucket, ...props }: FlowTriggerProps & { readonly bucket: Bucket },
  ): FlowTrigger {
    const trigger = new FlowTrigger(scope, id, props);
    bucket.enableEventBridgeNotification();
    const detail = { bucket: { name: [bucket.bucketName] } };
    trigger.#onEvents({ source: ["aws.s3"], detailType: ["Object Created"], detail });
    return trigger;
  }

  #onEvents(eventPattern: EventPattern): void {
    const event = RuleTargetInput.fromObject({
      flowId: this.#flowId,
      event: EventField.fromPath("$"),
    });
    new Rule(this, "rule", { eventPattern, targets: [new LambdaTarget(this.#intake, { event })] });
  }
}
