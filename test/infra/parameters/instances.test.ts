import { describe, expect, it } from "vitest";
import { plain, type Synthesized, synthesize } from "../synth/synthesized.ts";

const EVERYTHING = {
  issuer: undefined,
  audience: undefined,
  workspaces: "acme,umbrella",
  clients: { billing: { scopes: ["runs:dispatch"], workspaces: ["acme"] } },
};

/** Where the physical name of each type of resource is. Types without a line have none that the deployer chooses. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "AWS::ApiGatewayV2::Api": ["Name"],
  "AWS::CloudFront::CachePolicy": ["CachePolicyConfig", "Name"],
  "AWS::CloudFront::Function": ["Name"],
  "AWS::CloudFront::OriginAccessControl": ["OriginAccessControlConfig", "Name"],
  "AWS::CloudFront::ResponseHeadersPolicy": ["ResponseHeadersPolicyConfig", "Name"],
  "AWS::CloudWatch::Alarm": ["AlarmName"],
  "AWS::CloudWatch::Dashboard": ["DashboardName"],
  "AWS::Cognito::UserPool": ["UserPoolName"],
  "AWS::Cognito::UserPoolClient": ["ClientName"],
  "AWS::DynamoDB::GlobalTable": ["TableName"],
  "AWS::Events::Rule": ["Name"],
  "AWS::IAM::Role": ["RoleName"],
  "AWS::Lambda::Function": ["FunctionName"],
  "AWS::Logs::LogGroup": ["LogGroupName"],
  "AWS::SQS::Queue": ["QueueName"],
  "AWS::Scheduler::Schedule": ["Name"],
  "AWS::Scheduler::ScheduleGroup": ["Name"],
  "AWS::StepFunctions::StateMachine": ["StateMachineName"],
  "AWS::S3::Bucket": ["BucketName"],
};
/** Types with a property called a name that is not unique in the account, or refers to another resource. */
const NOT_UNIQUE = new Set([
  "AWS::ApiGatewayV2::Authorizer", // in its API
  "AWS::ApiGatewayV2::Stage", // in its API
  "AWS::Cognito::UserPoolGroup", // in its user pool
  "AWS::Cognito::UserPoolResourceServer", // in its user pool
  "AWS::IAM::Policy", // in its role
  "AWS::Lambda::Alias", // in its function
  "AWS::Lambda::EventInvokeConfig", // refers to its function
  "AWS::Lambda::Permission", // refers to its function
  "AWS::Lambda::EventSourceMapping", // refers to its function
  "AWS::Lambda::LayerVersion", // each deployment makes a version
  "Custom::CDKBucketDeployment", // refers to its bucket
]);
/** AWS keeps one namespace of these for all regions. */
const ONCE = /^AWS::(IAM|CloudFront)::|^AWS::CloudWatch::Dashboard$|^AWS::S3::/;

interface Name {
  readonly type: string;
  readonly name: string;
}

const templatesOf = ({ app }: Synthesized) => app.synth().stacks;

const physicalNames = (deployment: Synthesized): readonly Name[] =>
  templatesOf(deployment).flatMap(({ stackName, template }) => {
    const { Resources, Outputs = {} } = template as {
      Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
      Outputs?: Record<string, { Export?: { Name: unknown } }>;
    };
    const exported = Object.values(Outputs).flatMap(({ Export }) =>
      Export === undefined ? [] : [{ type: "export", name: plain(Export.Name) }],
    );
    const named = Object.values(Resources).flatMap(({ Type: type, Properties = {} }) => {
      const value = NAMES[type]?.reduce<unknown>(
        (at, key) => (at as Record<string, unknown>)?.[key],
        Properties,
      );
      return value === undefined ? [] : [{ type, name: plain(value) }];
    });
    return [{ type: "stack", name: stackName }, ...exported, ...named];
  });

/** Types that have a property whose name says that it is one, and that the table does not know. */
const unknownTypes = (deployment: Synthesized): readonly string[] =>
  templatesOf(deployment).flatMap(({ template }) =>
    Object.values(
      (template as { Resources: Record<string, { Type: string; Properties?: object }> }).Resources,
    )
      .filter(
        ({ Type, Properties = {} }) =>
          Object.keys(Properties).some((key) => /Name$/.test(key)) &&
          !(Type in NAMES) &&
          !NOT_UNIQUE.has(Type),
      )
      .map(({ Type }) => Type),
  );

const inRegion = (names: readonly Name[], region: string) =>
  names.map(({ type, name }) => ({ type, name: name.replaceAll("<AWS::Region>", region) }));
const shared = (one: readonly Name[], other: readonly Name[]): readonly string[] => {
  const taken = new Set(other.map(({ type, name }) => `${type} ${name}`));
  return one.map(({ type, name }) => `${type} ${name}`).filter((name) => taken.has(name));
};

const usual = synthesize(EVERYTHING);
const orders = synthesize({ ...EVERYTHING, instance: "orders" });
const regional = synthesize({ ...EVERYTHING, regionalNames: true });

describe("several Sluices in an account", () => {
  it("every name of every type is looked at", () => {
    for (const deployment of [usual, orders]) {
      expect(unknownTypes(deployment)).toEqual([]);
      expect(new Set(physicalNames(deployment).map(({ type }) => type)).size).toBeGreaterThanOrEqual(19);
    }
  });

  it("two instances share no name in one region", () => {
    for (const other of [usual, regional])
      expect(
        shared(inRegion(physicalNames(orders), "eu-west-1"), inRegion(physicalNames(other), "eu-west-1")),
      ).toEqual([]);
    expect(
      shared(physicalNames(orders), physicalNames(synthesize({ ...EVERYTHING, instance: "orders2" }))),
    ).toEqual([]);
  });

  it.each([
    ["orders", orders, orders],
    ["sluice, with regionalNames in the second region", usual, regional],
    ["sluice, with regionalNames in both", regional, regional],
  ])("an instance in two regions shares no globally unique name: %s", (_name, here, there) => {
    const once = (deployment: Synthesized, region: string) =>
      inRegion(physicalNames(deployment), region).filter(({ type }) => ONCE.test(type));
    expect(once(here, "eu-west-1").length).toBeGreaterThan(10);
    expect(shared(once(here, "eu-west-1"), once(there, "us-east-1"))).toEqual([]);
  });

  it("an instance names nothing of another: its grants, rules, metrics and settings are its own", () => {
    for (const { stackName, template } of templatesOf(orders)) {
      const text = JSON.stringify(template).replaceAll(/docs\/operate\/alarms\.md#sluice-[a-z-]+/g, "");
      expect(text.match(/.{60}sluice-(?!platform).{20}/g) ?? [], stackName).toEqual([]);
      expect(stackName).toMatch(/^orders-/);
    }
    const gate = orders.one("AWS::Lambda::Function", { FunctionName: "orders-gate" });
    expect(gate.Properties["Environment"]).toMatchObject({
      Variables: { SLUICE_INSTANCE: "orders", SLUICE_SCHEDULE_GROUP: "orders" },
    });
    const alarm = orders.one("AWS::CloudWatch::Alarm", { AlarmName: "orders-gates-failing" });
    expect(JSON.stringify(alarm.Properties)).toContain('{"Name":"service","Value":"orders"}');
    const rule = orders.one("AWS::Events::Rule", { Name: "orders-execution-closed" });
    expect(JSON.stringify(rule.Properties["EventPattern"])).toContain(":stateMachine:orders-");
  });

  it("names of roles and state machines fit for the longest workspace", () => {
    const workspace = "w".repeat(33);
    const { one } = synthesize({ ...EVERYTHING, instance: "ninechars", workspaces: workspace });
    const role = plain(
      one("AWS::IAM::Role", { Description: `Role of the state machines of Sluice workspace ${workspace}` })
        .Properties["RoleName"],
    );
    expect(role.replace("<AWS::Region>", "ap-southeast-1")).toHaveLength(64);
    expect(() => synthesize({ instance: "ninechars", workspaces: `${workspace}w` })).toThrow(
      /role of w{34}.*at most 33/,
    );
    expect(() => synthesize({ instance: "sluice", workspaces: "w".repeat(40) })).not.toThrow();
  });

  it.each(["Orders", "a-b", "tencharsss", "1st", ""])("rejects the instance name %j", (instance) => {
    expect(() => synthesize({ instance })).toThrow("instance");
  });
});
