import { isJsonObject, type Json } from "../../model/json/json.ts";
import { jsonataExpression, literalArgument } from "./expressions.ts";
import { argumentsField, type Machine, type StateNode } from "./machine.ts";
import { namesResource } from "./resource-name.ts";

/**
 * Returns the names of the Tasks, at any depth, that call one of the resources, each given by its name, ARN or URL. A resource that the
 * definition computes at run time is not known.
 */
export const statesCalling = (machine: Machine, resources: readonly string[]): string[] =>
  machine.all.filter((state) => state.type === "Task" && calls(state, resources)).map(({ name }) => name);

const calls = (state: StateNode, resources: readonly string[]): boolean => {
  const { Resource: resource } = state.body;
  if (typeof resource !== "string") return false;
  const [, sdk, service = ""] = INTEGRATION.exec(resource) ?? [];
  const texts = service === "" ? [] : argumentTexts(state, service, sdk !== undefined);
  return resources.some(
    (asked) =>
      namesResource(resource, undefined, asked) || texts.some((text) => namesResource(text, service, asked)),
  );
};

const INTEGRATION = /^arn:aws[\w-]*:states:[\w-]*:\d*:(aws-sdk:)?((?!activity:)[a-z0-9-]+):/;

/**
 * The arguments of the optimized integrations that name what is called:
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the pages of the services. Others name the call itself,
 * as `Name` does in states:startExecution.
 */
const NAMING: Readonly<Record<string, readonly string[]>> = {
  apigateway: ["ApiEndpoint"],
  athena: ["WorkGroup"],
  batch: ["JobQueue", "JobDefinition"],
  bedrock: ["ModelId"],
  codebuild: ["ProjectName"],
  databrew: ["Name"],
  dynamodb: ["TableName"],
  ecs: ["Cluster", "TaskDefinition"],
  eks: ["ClusterName"],
  elasticmapreduce: ["ClusterId"],
  "emr-containers": ["VirtualClusterId"],
  "emr-serverless": ["ApplicationId"],
  glue: ["JobName"],
  http: ["ApiEndpoint"],
  lambda: ["FunctionName"],
  mediaconvert: ["Queue", "JobTemplate"],
  sagemaker: ["EndpointName", "ModelName"],
  sns: ["TopicArn", "TargetArn"],
  sqs: ["QueueUrl"],
  states: ["StateMachineArn"],
};

/** The arguments of an AWS SDK integration that may name what is called. */
const SDK_NAMING = /(?:Arn|Url|Endpoint|Name|Id)$|^(?:Bucket|Cluster|TaskDefinition|JobQueue|JobDefinition)$/;

const argumentTexts = (state: StateNode, service: string, isSdk: boolean): string[] => {
  const given = state.body[argumentsField(state)];
  if (!isJsonObject(given)) return [];
  const fields = isSdk
    ? Object.keys(given).filter((field) => SDK_NAMING.test(field))
    : [...(NAMING[service] ?? [])];
  return [...fields.map((field) => literalArgument(state, field)), ...nestedTexts(service, given)].filter(
    (text) => text !== undefined,
  );
};

/** The connection of an HTTP Task, and the buses of events, are one level deeper. */
const nestedTexts = (service: string, given: Readonly<Record<string, Json>>): (string | undefined)[] => {
  if (service === "http") return [literalIn(given["Authentication"], "ConnectionArn")];
  if (service !== "events" && service !== "eventbridge") return [];
  const { Entries: entries } = given;
  return Array.isArray(entries) ? entries.map((entry) => literalIn(entry, "EventBusName")) : [];
};

const literalIn = (object: Json | undefined, field: string): string | undefined => {
  const value = isJsonObject(object) ? object[field] : undefined;
  return typeof value === "string" && jsonataExpression(value) === undefined ? value : undefined;
};
