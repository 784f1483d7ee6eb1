import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import * as z from "zod";
import { SCOPE_CLAIM, SCOPES } from "../../shared/model/access.ts";
import { allowListProblem } from "../../shared/model/allow-sets.ts";
import { MAX_BULK_RATE } from "../../shared/model/limits.ts";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import { WORKSPACE_TAG } from "../../shared/model/machines/workspace-access.ts";
import { workspaceIdSchema } from "../../shared/model/schemas/flow.ts";
import { grantsSchema } from "../constructs/allow/grants.ts";

/** A list: `-c name=a,b` on the command line, or an array in cdk.json. */
const list = <T extends z.ZodType<unknown, string>>(item: T) =>
  z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").filter((part) => part !== "") : value),
    z.array(item),
  );

/** An object: `-c name={…}` on the command line, or an object in cdk.json. */
const object = <T extends z.ZodType>(shape: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue("Must be a JSON object");
      return z.NEVER;
    }
  }, shape);

/** `-c name=true` on the command line, or a boolean in cdk.json. */
const flag = z.preprocess(
  (value) => (value === "true" ? true : value === "false" ? false : value),
  z.boolean("Must be true or false"),
);

/**
 * Clients of the user pool for programs. Cognito allows 100 scopes per resource server and 50 per client. API Gateway allows 50
 * audiences.
 */
const clientsSchema = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
    z.strictObject({
      scopes: z.array(z.enum(SCOPES)).min(1),
      workspaces: z.array(workspaceIdSchema).min(1).max(40),
    }),
  )
  .refine((clients) => Object.keys(clients).length <= 40, "At most 40 clients")
  .refine(
    (clients) => new Set(Object.values(clients).flatMap(({ workspaces }) => workspaces)).size <= 100,
    "At most 100 workspaces",
  );

/** Addresses to which a browser may return. Cognito accepts http only for localhost. */
const signInUrl = z
  .url()
  .regex(/^(https:\/\/|http:\/\/localhost(:\d+)?(\/|$))/, "Must begin with https:// or http://localhost");

/** Origins of pages that call the API. A page on this machine may be served over http. */
const webOrigin = z
  .string()
  .regex(
    /^(https:\/\/[^/?#*]+|http:\/\/localhost(:\d+)?)$/,
    "Must be an origin such as https://app.example.com, without a path",
  );

const httpsOrigin = z
  .url()
  .refine(
    (text) => text.startsWith("https://") && new URL(text).origin === text,
    "Must be an origin: https:// and a host",
  );

/** Lambda limits all variables of a function to 4 KB. */
const MAX_ALLOWED_RESOURCES_BYTES = 1_000;
const MAX_TAGS_BYTES = 400;

const allowList = list(z.string().min(1)).superRefine((entries, context) => {
  const message = allowListProblem(entries);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** Tags of every resource and of every machine. The functions that create machines have them in their environment. */
const tagsSchema = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(
        /^(?!aws:)[\w .:/=+@-]+$/i,
        "Must not begin with aws:, and have letters, digits, spaces and _.:/=+-@",
      ),
    z
      .string()
      .max(256)
      .regex(/^[\w .:/=+@-]*$/, "Must have letters, digits, spaces and _.:/=+-@"),
  )
  .refine((tags) => !Object.keys(tags).includes(WORKSPACE_TAG), "sluice:workspace opens functions to flows")
  .refine(
    (tags) => Buffer.byteLength(JSON.stringify(tags)) <= MAX_TAGS_BYTES,
    `Has more than ${MAX_TAGS_BYTES} bytes as JSON, which is what a Lambda function's environment has room for. Use fewer or shorter tags`,
  );

/** A pattern of state machine names, with `*` as a wildcard. Sluice's own machines are never attached. */
const machinePattern = z
  .string()
  .regex(/^[A-Za-z0-9_*-]{1,80}$/, "Must be the name of a state machine, with * as a wildcard")
  .refine((pattern) => /[A-Za-z0-9]/.test(pattern), "Must contain a letter or a digit");

const functionPattern = z
  .string()
  .regex(/^[A-Za-z0-9_*-]{1,64}$/, "Must be the name of a Lambda function, with * as a wildcard")
  .refine((pattern) => /[A-Za-z0-9]/.test(pattern), "Must contain a letter or a digit");

const parametersSchema = z.strictObject({
  // 80 characters of a state machine's name, less those of the longest workspace. No hyphen: one instance's prefix is never another's.
  instance: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,8}$/, "Must be 1 to 9 lowercase letters and digits, beginning with a letter")
    .default(DEFAULT_INSTANCE),
  regionalNames: flag.optional(),
  issuer: z.url({ protocol: /^https$/ }).optional(),
  audience: list(z.string().min(1)).default([]),
  platformClaim: z.string().min(1).max(128).optional(),
  platformValue: z.string().regex(/^\S+$/).max(128).optional(),
  workspacesClaim: z.string().min(1).max(128).optional(),
  signInUrls: list(signInUrl)
    .refine((urls) => urls.length > 0, "Must have at least one URL")
    .default(["http://localhost:8976/callback"]),
  clients: object(clientsSchema).default({}),
  workspaces: list(workspaceIdSchema).default([]),
  taskTag: z.string().min(1).max(128).default(WORKSPACE_TAG),
  allowedResources: allowList
    .refine(
      (allowed) => Buffer.byteLength(JSON.stringify(allowed)) <= MAX_ALLOWED_RESOURCES_BYTES,
      `Has more than ${MAX_ALLOWED_RESOURCES_BYTES} bytes as JSON, which is what a Lambda function's environment has room for. Replace entries by one with a wildcard, such as arn:aws:states:::dynamodb:*`,
    )
    .default([]),
  allow: object(z.record(workspaceIdSchema, grantsSchema)).default({}),
  attachable: object(z.record(workspaceIdSchema, z.array(machinePattern).max(50)))
    .refine(
      (patterns) => Buffer.byteLength(JSON.stringify(patterns)) <= MAX_ALLOWED_RESOURCES_BYTES,
      `Must be at most ${MAX_ALLOWED_RESOURCES_BYTES} bytes as JSON, to fit into a Lambda function's environment. Use fewer patterns, with wildcards.`,
    )
    .default({}),
  stepLogs: object(z.record(workspaceIdSchema, z.array(functionPattern).max(50)))
    .refine(
      (patterns) => Buffer.byteLength(JSON.stringify(patterns)) <= MAX_ALLOWED_RESOURCES_BYTES,
      `Must be at most ${MAX_ALLOWED_RESOURCES_BYTES} bytes as JSON, to fit into a Lambda function's environment. Use fewer patterns, with wildcards.`,
    )
    .default({}),
  bulkRate: z.coerce.number().pipe(z.int().min(1).max(MAX_BULK_RATE)).default(25),
  /**
   * The default is the smallest quota of any region, the maximum is the largest ("Amazon API Gateway quotas", 2,500 and 10,000
   * per second).
   */
  apiBurst: z.coerce.number().pipe(z.int().min(1).max(5_000)).default(1_250),
  apiRate: z.coerce.number().pipe(z.int().min(1).max(10_000)).default(2_000),
  logRetentionDays: z.coerce.number().pipe(z.enum(RetentionDays)).default(RetentionDays.THREE_MONTHS),
  tags: object(tagsSchema).default({}),
  permissionsBoundaryArn: z
    .string()
    .regex(/^arn:[^:]+:iam::(\d{12}|aws):policy\/.+$/, "Must be the ARN of a policy")
    .optional(),
  kmsKeyArn: z
    .string()
    .regex(/^arn:[^:]+:kms:[^:]+:\d{12}:key\/[\w-]+$/, "Must be the ARN of a key, not of an alias")
    .optional(),
  flowLogLevel: z.enum(["OFF", "FATAL", "ERROR", "ALL"]).optional(),
  flowTracing: flag.optional(),
  gateConcurrency: z.coerce.number().pipe(z.int().min(1).max(10_000)).optional(),
  waitConcurrency: z.coerce.number().pipe(z.int().min(1).max(1_000)).optional(),
  alarmTopicArn: z.string().startsWith("arn:").optional(),
  console: flag.default(true),
  consoleDomain: z.hostname().optional(),
  consoleCertificateArn: z
    .string()
    .startsWith("arn:aws:acm:us-east-1:", "Must be a certificate in us-east-1, where CloudFront requires it")
    .optional(),
  consoleWebAclArn: z
    .string()
    .regex(
      /^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/.+$/,
      "Must be a web ACL for CloudFront, in us-east-1",
    )
    .optional(),
  consoleLogBucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{2,62}$/, "Must be the name of a bucket")
    .optional(),
  consoleWorkspace: workspaceIdSchema.optional(),
  consoleClientId: z.string().min(1).optional(),
  consoleScope: z
    .string()
    .refine((scope) => scope.split(" ").includes("openid"), "Must include openid")
    .default("openid profile email"),
  consoleIssuerOrigins: list(httpsOrigin).default([]),
  webOrigins: list(webOrigin).default([]),
  allowRemoval: flag.default(false),
  deployedRecord: z.string().min(1).default("sluice.deployed.json"),
});

export type ParameterName = keyof typeof parametersSchema.shape;

export const isParameter = (name: string): name is ParameterName =>
  Object.hasOwn(parametersSchema.shape, name);

/** The default claim names for the deployer's own issuer. */
const OWN_ISSUER = {
  platformClaim: "sluice:platform_admin",
  platformValue: "true",
  workspacesClaim: "sluice:workspaces",
};
const USER_POOL = {
  platformClaim: "cognito:groups",
  platformValue: "sluice-platform",
  workspacesClaim: SCOPE_CLAIM,
};

type Given = z.infer<typeof parametersSchema>;

/** IAM's limit. */
const MAX_ROLE_NAME = 64;
/** Characters of `ap-southeast-1`, and of the regions of GovCloud and isolated partitions. */
const LONGEST_REGION = 14;

/** Returns a message if parameters exclude each other: the deployer's own issuer has its own audience and its own clients. */
const contradiction = (given: Given): string | undefined => {
  const stranger = Object.keys(given.allow).find((workspace) => !given.workspaces.includes(workspace));
  if (stranger !== undefined)
    return `allow names ${stranger}, which workspaces does not list. Roles of your own have their own policies`;
  const { instance, regionalNames = instance !== DEFAULT_INSTANCE, workspaces } = given;
  const longest = MAX_ROLE_NAME - `${instance}-flows--`.length - LONGEST_REGION;
  const tooLong = regionalNames ? workspaces.find(({ length }) => length > longest) : undefined;
  if (tooLong !== undefined)
    return `workspaces: the name of the role of ${tooLong} would exceed ${MAX_ROLE_NAME} characters. With regionalNames in the instance ${instance}, a workspace with roles here has at most ${longest}`;
  const { issuer, audience, clients, consoleDomain, consoleCertificateArn, consoleClientId } = given;
  if ((consoleDomain === undefined) !== (consoleCertificateArn === undefined))
    return "consoleDomain and consoleCertificateArn must be given together";
  if (issuer === undefined) {
    return consoleClientId === undefined
      ? undefined
      : "consoleClientId needs an issuer. With the user pool, Sluice creates the console's client";
  }
  if (consoleDomain !== undefined && consoleClientId === undefined)
    return "consoleDomain needs a consoleClientId. Without it, no console is deployed";
  if (audience.length === 0) return "issuer needs an audience";
  if (Object.keys(clients).length > 0)
    return "clients are for the user pool. Create the clients of your own issuer there";
  return undefined;
};

/** The parameters of a deployment, from CDK context (`-c name=value` or cdk.json); docs/deploy/deploying.md explains each one. */
export type Parameters = Given & typeof OWN_ISSUER;

/**
 * Reads the deployment's parameters from the context of a construct.
 * Throws, naming the parameter, if a value is invalid.
 */
export const readParameters = (scope: Construct): Parameters => {
  const given = Object.keys(parametersSchema.shape)
    .map((name) => [name, scope.node.tryGetContext(name)] as const)
    .filter(([, value]) => value !== undefined);
  const result = parametersSchema.safeParse(Object.fromEntries(given));
  if (!result.success) throw new Error(`Deployment parameters: ${z.prettifyError(result.error)}`);
  const problem = contradiction(result.data);
  if (problem !== undefined) throw new Error(`Deployment parameters: ${problem}`);
  const claims = result.data.issuer === undefined ? USER_POOL : OWN_ISSUER;
  const sets = Object.values(result.data.allow).flatMap(Object.keys);
  return {
    ...result.data,
    // Definitions may use every set that some workspace was granted. In the other workspaces, IAM rejects the calls.
    allowedResources: [...new Set([...result.data.allowedResources, ...sets])],
    platformClaim: result.data.platformClaim ?? claims.platformClaim,
    platformValue: result.data.platformValue ?? claims.platformValue,
    workspacesClaim: result.data.workspacesClaim ?? claims.workspacesClaim,
  };
};
