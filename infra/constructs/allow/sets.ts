// cspell:ignore datacatalog workgroup

/** A statement of a policy, in plain data. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** The service to which a role is passed. */
  readonly passedTo?: string;
  /** The reason for a wildcard in a resource. */
  readonly reason?: string;
}

/** A kind of resource in a set, and the actions of a flow on it. */
export interface ResourceKind {
  /** Completes "is not one of: …". */
  readonly what: string;
  readonly resource: RegExp;
  readonly grants: (arn: string) => readonly Grant[];
}

const may = (prefix: string, ...names: readonly string[]) => names.map((name) => `${prefix}:${name}`);

const kind = (
  what: string,
  resource: RegExp,
  actions: readonly string[],
  more: (arn: string) => readonly Grant[] = () => [],
): ResourceKind => ({ what, resource, grants: (arn) => [{ actions, resources: [arn] }, ...more(arn)] });

/** The beginning of an ARN, `arn:<partition>:<service>:<region>:<account>`, for another service. */
const place = (arn: string, service: string): string => {
  const [, partition, , region, account] = arn.split(":");
  return `arn:${partition}:${service}:${region}:${account}`;
};

/**
 * The EventBridge rule that tells Step Functions when a `.sync` call has ended (guide, "IAM policies for integrated services").
 */
const rule = (arn: string, name: string): Grant => ({
  actions: may("events", "PutTargets", "PutRule", "DescribeRule"),
  resources: [`${place(arn, "events")}:rule/StepFunctionsGetEventsFor${name}Rule`],
});

const passed = (service: string): ResourceKind => ({
  what: `role that is passed to ${service}`,
  resource: /^arn:[^:]+:iam::\d{12}:role\/.+/,
  grants: (arn) => [{ actions: ["iam:PassRole"], resources: [arn], passedTo: `${service}.amazonaws.com` }],
});

/** A bucket, or objects of one: `arn:aws:s3:::bucket`, `arn:aws:s3:::bucket/prefix/*`. */
const bucket = (what: string, onBucket: readonly string[], onObjects: readonly string[]): ResourceKind => ({
  what,
  resource: /^arn:[^:]+:s3:::[^/]+(\/.+)?$/,
  grants: (arn) => {
    const [name = arn, prefix] = arn.split("/", 2);
    const objects = prefix === undefined ? `${arn}/*` : arn;
    const reason = "The deployer opened the objects of the bucket. Their keys are made at run time.";
    return [
      { actions: may("s3", ...onBucket), resources: [name] },
      { actions: may("s3", ...onObjects), resources: [objects], reason },
    ];
  },
});

const sageMakerJob = (type: string, name: string, ruleName: string): ResourceKind =>
  kind(
    `${type} of SageMaker`,
    new RegExp(`:sagemaker:.*:${type}/`),
    may("sagemaker", `Create${name}`, `Describe${name}`, `Stop${name}`, "AddTags"),
    (arn) => [rule(arn, ruleName)],
  );

/**
 * The permissions of each set: those of the service's optimized integrations in all patterns, including `.sync`, on resources
 * that the deployer names (Step Functions guide, "Integrating services"; service authorization reference).
 */
export const GRANTED_SETS: Readonly<Record<string, readonly ResourceKind[]>> = {
  dynamodb: [
    kind("table", /:dynamodb:.*:table\//, may("dynamodb", "GetItem", "PutItem", "UpdateItem", "DeleteItem")),
  ],
  sns: [kind("topic", /:sns:/, ["sns:Publish"])],
  sqs: [kind("queue", /:sqs:/, ["sqs:SendMessage"])],
  events: [kind("event bus", /:events:.*:event-bus\//, ["events:PutEvents"])],
  states: [
    kind("state machine", /:states:.*:stateMachine:/, ["states:StartExecution"], (arn) => [
      {
        actions: may("states", "DescribeExecution", "StopExecution"),
        resources: [`${arn.replace(":stateMachine:", ":execution:")}:*`],
        reason:
          "Executions are named at run time. The ARN limits them to the machine that the deployer named.",
      },
      rule(arn, "StepFunctionsExecution"),
    ]),
  ],
  "lambda-any": [kind("function", /:lambda:.*:function:/, ["lambda:InvokeFunction"])],
  s3: [bucket("bucket or objects of one", ["ListBucket"], ["GetObject", "PutObject"])],
  ecs: [
    kind("task definition", /:ecs:.*:task-definition\//, ["ecs:RunTask"], (arn) => [rule(arn, "ECSTask")]),
    {
      what: "cluster, whose tasks .sync describes and stops",
      resource: /:ecs:.*:cluster\//,
      grants: (arn) => [
        {
          actions: may("ecs", "DescribeTasks", "StopTask"),
          resources: [`${arn.replace(":cluster/", ":task/")}/*`],
          reason: "Tasks are named at run time. The ARN limits them to the cluster that the deployer named.",
        },
      ],
    },
    passed("ecs-tasks"),
  ],
  batch: [
    kind("job queue", /:batch:.*:job-queue\//, ["batch:SubmitJob"], (arn) => [
      {
        actions: ["batch:TerminateJob"],
        resources: [`${place(arn, "batch")}:job/*`],
        reason: "Jobs are named at run time, without their queue.",
      },
      {
        actions: ["batch:DescribeJobs"],
        resources: ["*"],
        reason: "The action does not support resource-level permissions.",
      },
      rule(arn, "BatchJobs"),
    ]),
    kind("job definition", /:batch:.*:job-definition\//, ["batch:SubmitJob"]),
  ],
  glue: [
    kind("job", /:glue:.*:job\//, may("glue", "StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun")),
  ],
  athena: [
    kind(
      "workgroup",
      /:athena:.*:workgroup\//,
      may("athena", "StartQueryExecution", "StopQueryExecution", "GetQueryExecution", "GetQueryResults"),
    ),
    kind("data catalog", /:athena:.*:datacatalog\//, ["athena:GetDataCatalog"]),
    kind(
      "catalog, database or table of Glue",
      /:glue:.*:(catalog$|database\/|table\/)/,
      may(
        "glue",
        "GetDatabase",
        "GetTable",
        "GetTables",
        "GetPartition",
        "GetPartitions",
        "BatchGetPartition",
      ),
    ),
    bucket(
      "bucket of the data or the results",
      ["GetBucketLocation", "ListBucket", "ListBucketMultipartUploads"],
      ["GetObject", "PutObject", "ListMultipartUploadParts", "AbortMultipartUpload"],
    ),
  ],
  bedrock: [
    kind(
      "model or inference profile",
      /:bedrock:.*:(foundation-model|custom-model|provisioned-model|inference-profile|application-inference-profile)\//,
      ["bedrock:InvokeModel"],
    ),
  ],
  sagemaker: [
    sageMakerJob("training-job", "TrainingJob", "SageMakerTrainingJobs"),
    sageMakerJob("transform-job", "TransformJob", "SageMakerTransformJobs"),
    sageMakerJob("hyper-parameter-tuning-job", "HyperParameterTuningJob", "SageMakerTuningJobs"),
    sageMakerJob("labeling-job", "LabelingJob", "SageMakerLabelingJobs"),
    sageMakerJob("processing-job", "ProcessingJob", "SageMakerProcessingJobs"),
    kind("model of SageMaker", /:sagemaker:.*:model\//, may("sagemaker", "CreateModel", "AddTags")),
    kind(
      "endpoint or its configuration",
      /:sagemaker:.*:(endpoint|endpoint-config)\//,
      may("sagemaker", "CreateEndpoint", "UpdateEndpoint", "CreateEndpointConfig", "AddTags"),
    ),
    passed("sagemaker"),
  ],
  apigateway: [kind("method of an API", /:execute-api:/, ["execute-api:Invoke"])],
  http: [
    kind(
      "connection of EventBridge",
      /:events:.*:connection\//,
      ["events:RetrieveConnectionCredentials"],
      (arn) => [
        {
          actions: may("secretsmanager", "GetSecretValue", "DescribeSecret"),
          resources: [`${place(arn, "secretsmanager")}:secret:events!connection/${arn.split("/")[1]}/*`],
          reason: "EventBridge adds an id to the name of the secret that it keeps for the connection.",
        },
        {
          actions: ["states:InvokeHTTPEndpoint"],
          resources: [`${place(arn, "states")}:stateMachine:sluice-*`],
          reason: "Flows are published at run time. The connection decides which addresses accept the call.",
        },
      ],
    ),
  ],
  credentials: [kind("role", /^arn:[^:]+:iam::\d{12}:role\/.+/, ["sts:AssumeRole"])],
  readers: [
    bucket(
      "bucket or objects of one",
      ["ListBucket"],
      ["GetObject", "PutObject", "ListMultipartUploadParts", "AbortMultipartUpload"],
    ),
  ],
};

/** Sets whose permissions the machine's role needs. All others belong to the task role. */
export const MACHINE_SETS: ReadonlySet<string> = new Set(["credentials", "readers"]);
