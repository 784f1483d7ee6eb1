import { isJsonObject } from "../../model/json/json.ts";
import type { StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind } from "../parse/sluice-field.ts";

/**
 * The optimized integrations, with the patterns that each supports in addition to request and response:
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the pages of the services.
 */
const JOB = ["sync"];
const CALLBACK = ["waitForTaskToken"];
const OPTIMIZED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  apigateway: { invoke: CALLBACK },
  athena: { startQueryExecution: JOB, stopQueryExecution: [], getQueryExecution: [], getQueryResults: [] },
  batch: { submitJob: JOB },
  bedrock: {
    invokeModel: [...JOB, ...CALLBACK],
    createModelCustomizationJob: JOB,
  },
  codebuild: {
    ...{ startBuild: JOB, stopBuild: [], batchDeleteBuilds: [], batchGetReports: [] },
    ...{ startBuildBatch: JOB, stopBuildBatch: [], retryBuildBatch: JOB, deleteBuildBatch: [] },
  },
  databrew: { startJobRun: JOB },
  dynamodb: { getItem: [], putItem: [], updateItem: [], deleteItem: [] },
  ecs: { runTask: [...JOB, ...CALLBACK] },
  eks: {
    ...{ createCluster: JOB, deleteCluster: JOB, createFargateProfile: JOB, deleteFargateProfile: JOB },
    ...{ createNodegroup: JOB, deleteNodegroup: JOB, runJob: [...JOB, ...CALLBACK], call: CALLBACK },
  },
  elasticmapreduce: {
    ...{ createCluster: JOB, terminateCluster: JOB, addStep: JOB, cancelStep: [] },
    ...{ setClusterTerminationProtection: [], modifyInstanceFleetByName: [], modifyInstanceGroupByName: [] },
  },
  "emr-containers": { createVirtualCluster: [], deleteVirtualCluster: JOB, startJobRun: JOB },
  "emr-serverless": {
    ...{ createApplication: JOB, startApplication: JOB, stopApplication: JOB, deleteApplication: JOB },
    ...{ startJobRun: JOB, cancelJobRun: JOB },
  },
  events: { putEvents: CALLBACK },
  glue: { startJobRun: JOB },
  http: { invoke: [] },
  lambda: { invoke: CALLBACK },
  mediaconvert: { createJob: JOB },
  sagemaker: {
    ...{ createEndpoint: [], createEndpointConfig: [], createHyperParameterTuningJob: JOB, createModel: [] },
    ...{ createLabelingJob: JOB, createProcessingJob: JOB, createTrainingJob: JOB, createTransformJob: JOB },
    updateEndpoint: [],
  },
  sns: { publish: CALLBACK },
  sqs: { sendMessage: CALLBACK },
  states: { startExecution: [...JOB, "sync:2", ...CALLBACK] },
};

const ARN = /^arn:aws[\w-]*:([\w-]+):([^:]*):([^:]*):(.+)$/;
/** AWS SDK integrations exist for over two hundred services. They never wait for a job. */
const SDK = /^aws-sdk:[a-z0-9]+:[a-z]\w*(?:\.waitForTaskToken)?$/;
const ACTIVITY = /^activity:.+$/;

/** Checks that the Resource of a Task exists, and the role in its Credentials. */
export function checkIntegration(state: StateNode, report: Report): void {
  if (humanKind(state) !== undefined) return;
  const { Resource: resource, Credentials: credentials } = state.body;
  const at = `${state.at}.Resource`;
  if (resource === undefined)
    report(state.at, "Resource is missing. Give the ARN of the resource that the Task calls.");
  else if (typeof resource !== "string" || resource === "") report(at, "Resource must be an ARN.");
  else if (!/^(?:\$|\{%|arn:sluice:::)/.test(resource)) {
    const error = resourceError(resource);
    if (error !== undefined) report(at, error);
  }
  if (credentials !== undefined && !hasRole(credentials))
    report(`${state.at}.Credentials`, "Credentials must be an object with RoleArn, the ARN of a role.");
}

function resourceError(resource: string): string | undefined {
  const [, service, region, account, name = ""] = ARN.exec(resource) ?? [];
  if (service === "lambda") return undefined;
  if (service !== "states")
    return `Step Functions cannot call "${resource}". A Task calls a Lambda function, an activity or a service integration.`;
  if (SDK.test(name) || (ACTIVITY.test(name) && region !== "" && account !== "")) return undefined;
  const [, integration = "", action = "", pattern] = /^([\w-]+):(\w+)(?:\.(.+))?$/.exec(name) ?? [];
  const actions = Object.hasOwn(OPTIMIZED, integration) ? OPTIMIZED[integration] : undefined;
  const patterns = actions !== undefined && Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (patterns === undefined)
    return `Step Functions has no optimized integration "${name}". For other actions, use arn:aws:states:::aws-sdk:SERVICE:ACTION.`;
  if (pattern === undefined || patterns.includes(pattern)) return undefined;
  return `The integration ${integration}:${action} does not support ".${pattern}".`;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html */
const hasRole = (credentials: unknown): boolean =>
  typeof credentials === "string"
    ? credentials.startsWith("{%")
    : isJsonObject(credentials as never) &&
      ["RoleArn", "RoleArn.$"].some(
        (key) => typeof (credentials as Record<string, unknown>)[key] === "string",
      );
