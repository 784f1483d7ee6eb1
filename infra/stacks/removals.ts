import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Stage } from "aws-cdk-lib";
import type { Construct } from "constructs";
import * as z from "zod";
import { type Parameters, readParameters } from "./parameters.ts";

/** The parameters whose resources cannot be recreated as they were: users, ids and secrets, roles in use. */
const keptSchema = z.object({
  /** Each has a task role, which its running flows use. */
  workspaces: z.array(z.string()),
  /** The workspaces that may attach state machines. Each has aliases that attached machines call. Absent from older records. */
  attachable: z.array(z.string()).default([]),
  /** Each has a client id and a secret, which a program uses. */
  clients: z.array(z.string()),
  /** The issuer of the tokens that the API accepts. Absent: the user pool. */
  issuer: z.string().optional(),
  /** The group of the user pool, whose members are lost with its name. */
  platformGroup: z.string().optional(),
});
type Kept = z.infer<typeof keptSchema>;

const recordSchema = z.record(z.string(), keptSchema);

/** Returns the parameters of a deployment that the record keeps. */
const keptOf = ({ workspaces, attachable, clients, issuer, platformValue }: Parameters): Kept => ({
  workspaces: [...workspaces].sort(),
  attachable: Object.keys(attachable).sort(),
  clients: Object.keys(clients).sort(),
  ...(issuer === undefined ? { platformGroup: platformValue } : { issuer }),
});

const missing = (before: readonly string[], after: readonly string[]): readonly string[] =>
  before.filter((name) => !after.includes(name));

const USER_POOL = "the user pool";

/** Returns a sentence for everything that the deployment would destroy. */
const removalsBetween = (before: Kept, after: Kept): readonly string[] => {
  const sentences = [
    ...missing(before.workspaces, after.workspaces).map(
      (name) =>
        `workspaces no longer lists ${name}: its task role is deleted, and the Tasks of its flows fail.`,
    ),
    ...missing(before.attachable, after.attachable).map(
      (name) =>
        `attachable no longer lists ${name}: this deletes the aliases that its attached state machines call.`,
    ),
    ...missing(before.clients, after.clients).map(
      (name) => `clients no longer lists ${name}: its client id and secret are deleted for good.`,
    ),
  ];
  const [was = USER_POOL, is = USER_POOL] = [before.issuer, after.issuer];
  if (was !== is)
    sentences.push(
      `issuer changes from ${was} to ${is}: the API rejects all tokens of ${was}, and members of workspaces are known by ids of ${was}.`,
    );
  else if (before.platformGroup !== after.platformGroup)
    sentences.push(
      `platformValue changes from ${before.platformGroup} to ${after.platformGroup}: the user pool's group ${before.platformGroup} is deleted with its list of members.`,
    );
  return sentences;
};

/** Returns the account and region of the scope's stage, or else those of the credentials. Undefined without both. */
const placeOf = (scope: Construct, environment: NodeJS.ProcessEnv, { instance }: Parameters) => {
  const { CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION } = environment;
  const { account = CDK_DEFAULT_ACCOUNT, region = CDK_DEFAULT_REGION } = Stage.of(scope) ?? {};
  return account === undefined || region === undefined ? undefined : `${account}/${region}/${instance}`;
};

/**
 * Refuses parameters that would destroy deployed resources, unless `allowRemoval` is set. Synthesis cannot see what is
 * deployed, so with credentials it writes a record to a file, which belongs under version control next to cdk.json. The record
 * is written before the deployment, so that it includes everything that a failed deployment may have created. Without
 * credentials, nothing is written, and the parameters are compared with the record of the stage's account and region, or with the only
 * one that there is.
 */
export const refuseRemovals = (scope: Construct, environment = process.env): void => {
  const parameters = readParameters(scope);
  const { deployedRecord: file, allowRemoval } = parameters;
  const record = existsSync(file) ? recordSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
  const places = Object.keys(record).filter((key) => key.endsWith(`/${parameters.instance}`));
  const place = placeOf(scope, environment, parameters);
  const known = place ?? (places.length === 1 ? places[0] : undefined);
  const before = known === undefined ? undefined : record[known];
  const after = keptOf(parameters);
  const removals = before === undefined || allowRemoval ? [] : removalsBetween(before, after);
  if (removals.length > 0)
    throw new Error(
      [
        `These parameters remove what was deployed to ${known} before (${file}):`,
        ...removals.map((line) => `- ${line}`),
        "Restore them in cdk.json, or deploy once with -c allowRemoval=true if you mean it.",
      ].join("\n"),
    );
  const { CDK_DEFAULT_ACCOUNT: credentials } = environment;
  if (place === undefined || credentials === undefined) return;
  const text = `${JSON.stringify({ ...record, [place]: after }, undefined, 2)}\n`;
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
};
