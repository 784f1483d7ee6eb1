import { describe, expect, it } from "vitest";
import type { ParameterName } from "../../../infra/stacks/parameters.ts";
import { dailyPart } from "../../harness/daily-part.ts";
import { synthesize } from "../synth/synthesized.ts";

/** A parameter with two values, and the others that it needs. */
interface Change {
  readonly values: readonly [unknown, unknown];
  readonly with?: Readonly<Record<string, unknown>>;
  /** Resources that may disappear with the parameter, by `<stack>/<logical id>`; no others may. */
  readonly goes?: RegExp;
  /** The parameter cannot be left out. */
  readonly required?: true;
}

/** The user pool, which the tests' deployment does not have by default. */
const POOL = { issuer: undefined, audience: undefined, workspaces: undefined };
const CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/abc";
const ACCOUNT = "arn:aws:iam::111122223333";
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/";
const ACL = "arn:aws:wafv2:us-east-1:111122223333:global/webacl";
const TOPIC = "arn:aws:sns:eu-west-1:111122223333:pager";
const OWN = { ...POOL, issuer: "https://login.example.com", audience: "sluice", consoleClientId: "console" };
const client = (workspace: string) => ({ scopes: ["runs:read"], workspaces: [workspace] });

/** A new parameter without a line here does not compile. */
const CHANGES: Readonly<Record<ParameterName, Change>> = {
  instance: { values: ["orders", "billing"] },
  regionalNames: { values: [true, false] },
  issuer: {
    values: ["https://login.example.com", "https://other.example.com"],
    with: { audience: "sluice", consoleClientId: "console" },
  },
  audience: { values: ["web", "web,cli"] },
  platformClaim: { values: ["roles", "groups"] },
  platformValue: { values: ["root", "admin"] },
  workspacesClaim: { values: ["spaces", "tenants"] },
  signInUrls: { values: ["https://a.example.com/", "https://b.example.com/,http://localhost/"] },
  clients: {
    values: [{ billing: client("acme") }, { billing: client("acme"), reports: client("umbrella") }],
    goes: /^sluice-api\/machines(workspaces|billing|reports)/,
  },
  workspaces: {
    values: ["acme", "acme,umbrella"],
    goes: /^sluice-workflow\/((task|machine)role|registerof)(acme|umbrella)/,
  },
  taskTag: { values: ["team", "sluice:space"] },
  allowedResources: { values: ["arn:aws:states:::sns:publish", "arn:aws:states:::sqs:sendMessage*"] },
  allow: {
    values: [
      { acme: { sqs: ["arn:aws:sqs:eu-west-1:111122223333:orders"] } },
      { acme: { s3: ["arn:aws:s3:::orders"], readers: ["arn:aws:s3:::items"] } },
    ],
    with: { workspaces: "acme" },
  },
  attachable: {
    values: [{ acme: ["orders-*"] }, { acme: ["orders-*", "billing"] }],
    goes: /^sluice-workflow\/(gate|park|register)ofacme/,
  },
  stepLogs: { values: [{ acme: ["orders-*"] }, { acme: ["orders-*", "billing"] }] },
  bulkRate: { values: [10, 100] },
  apiBurst: { values: [100, 1_000] },
  console: { values: [false, true] },
  apiRate: { values: [100, 1_000] },
  logRetentionDays: { values: [7, 365] },
  alarmTopicArn: { values: [TOPIC, `${TOPIC}-2`] },
  consoleDomain: {
    values: ["sluice.example.com", "flows.example.com"],
    with: { consoleCertificateArn: CERTIFICATE },
  },
  consoleCertificateArn: {
    values: [CERTIFICATE, `${CERTIFICATE}-2`],
    with: { consoleDomain: "sluice.example.com" },
  },
  consoleWorkspace: { values: ["acme", "umbrella"] },
  consoleClientId: { values: ["console", "page"], with: OWN },
  consoleScope: { values: ["openid", "openid email"] },
  consoleIssuerOrigins: { values: ["https://a.example.com", "https://b.example.com"], with: OWN },
  tags: { values: [{ team: "a" }, { team: "b", cost: "1" }] },
  permissionsBoundaryArn: { values: [`${ACCOUNT}:policy/a`, `${ACCOUNT}:policy/b`] },
  kmsKeyArn: { values: [`${KEY}1`, `${KEY}2`] },
  flowLogLevel: { values: ["ERROR", "ALL"], goes: /^sluice-workflow\/flowlog/ },
  flowTracing: { values: [true, false] },
  gateConcurrency: { values: [10, 100] },
  waitConcurrency: { values: [10, 100] },
  consoleWebAclArn: { values: [`${ACL}/a/1`, `${ACL}/b/2`] },
  consoleLogBucket: { values: ["logs-a", "logs-b"] },
  webOrigins: { values: ["https://app.example.com", "http://localhost:5173"] },
  allowRemoval: { values: [true, false] },
  deployedRecord: { values: ["a.json", "b.json"] },
};
/** Parameters that require each other. */
const TOGETHER: Partial<Record<ParameterName, readonly ParameterName[]>> = {
  issuer: ["audience", "consoleClientId"],
  consoleDomain: ["consoleCertificateArn"],
  consoleCertificateArn: ["consoleDomain"],
};

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>
  >;
}
type Templates = ReadonlyMap<string, Template>;

const templates = new Map<string, Templates>();
/** The templates of all stacks. Each set of parameters is synthesized once. */
const templatesOf = (parameters: Readonly<Record<string, unknown>>): Templates => {
  const key = JSON.stringify(parameters, (_key, value) => value ?? null);
  const known = templates.get(key);
  if (known !== undefined) return known;
  const { stacks } = synthesize(parameters).app.synth();
  const made = new Map(stacks.map(({ stackName, template }) => [stackName, template as Template]));
  templates.set(key, made);
  return made;
};

const exportsOf = (stacks: Iterable<Template>) =>
  new Map(
    [...stacks].flatMap(({ Outputs = {} }) =>
      Object.values(Outputs).flatMap(({ Value, Export }) =>
        Export === undefined ? [] : [[Export.Name, Value] as const],
      ),
    ),
  );

const importsOf = (stacks: Iterable<Template>): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const stack of stacks)
    JSON.stringify(stack, (key, value) => {
      if (key === "Fn::ImportValue") names.add(String(value));
      return value;
    });
  return names;
};

/** The stack that an export belongs to. */
const producerOf = (name: string): string => name.split(":")[0] ?? "";

/** CloudFormation deploys one stack after the other and refuses to change a stack whose exports another one still uses. */
const lostExports = (before: Templates, after: Templates): readonly string[] => {
  const [was, is] = [exportsOf(before.values()), exportsOf(after.values())];
  return [...importsOf(before.values())].filter(
    (name) => after.has(producerOf(name)) && JSON.stringify(is.get(name)) !== JSON.stringify(was.get(name)),
  );
};

/**
 * Resources that are gone or have another type, in stacks that are still deployed. A stack that leaves the app is not deleted.
 */
const lostResources = (before: Templates, after: Templates): readonly string[] =>
  [...before].flatMap(([stack, { Resources }]) => {
    const left = after.get(stack)?.Resources;
    if (left === undefined) return [];
    return Object.keys(Resources)
      .filter((id) => left[id]?.Type !== Resources[id]?.Type)
      .map((id) => `${stack}/${id}`);
  });

/** Parameters that change every name, or whether a stack exists, and so are changed one at a time. */
const ALONE: ReadonlySet<ParameterName> = new Set(["instance", "regionalNames", "console"]);

/** Groups of parameters that are changed at once: all that neither need another parameter nor remove resources, and each of the others. */
const groups = (): readonly (readonly ParameterName[])[] => {
  const names = Object.keys(CHANGES) as ParameterName[];
  const isPlain = (name: ParameterName): boolean =>
    CHANGES[name].goes === undefined && CHANGES[name].with === undefined && !ALONE.has(name);
  return [names.filter(isPlain), ...names.filter((name) => !isPlain(name)).map((name) => [name])];
};

// The plain ones, and a quarter of the others, another quarter each day.
const today = groups().filter((_names, index) => index === 0 || index % 4 === dailyPart(4));

describe.each(today.map((names) => [names.join(", "), names] as const))(
  "a deployed set of parameters, when %s is",
  (_names, names) => {
    const changes = names.map((name) => [name, CHANGES[name]] as const);
    const base: Record<string, unknown> = { ...POOL, ...changes[0]?.[1].with };
    const valuesAt = (at: 0 | 1) =>
      Object.fromEntries(changes.map(([name, { values }]) => [name, values[at]]));
    const unset = names.flatMap((name) => [name, ...(TOGETHER[name] ?? [])]);
    const without = { ...base, ...Object.fromEntries(unset.map((name) => [name, undefined])) };
    const first = { ...base, ...valuesAt(0) };
    const second = { ...base, ...valuesAt(1) };
    const steps: [string, Record<string, unknown>, Record<string, unknown>][] = [
      ["added", without, first],
      ["changed", first, second],
      ["changed back", second, first],
      ["removed", first, without],
    ];

    it.each(steps)("%s, keeps every export in use, and every other resource", (_step, from, to) => {
      const [before, after] = [templatesOf(from), templatesOf(to)];
      expect(lostExports(before, after)).toEqual([]);
      const mayGo = changes[0]?.[1].goes;
      expect(lostResources(before, after).filter((id) => mayGo?.test(id) !== true)).toEqual([]);
    });
  },
);
