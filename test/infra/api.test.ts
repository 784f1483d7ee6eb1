import { describe, expect, it } from "vitest";
import { functions } from "../../infra/functions.ts";
import { routes } from "../../infra/routes.ts";
import { plain, synthesize } from "./synth/synthesized.ts";

const { resources, one, template } = synthesize();
const deployed = Object.values(resources("AWS::ApiGatewayV2::Route")).map(({ Properties }) => Properties);

/** Name of the function behind an integration of the API. */
const functionBehind = (target: unknown): unknown => {
  const integration = /^integrations\/<(.+)>$/.exec(plain(target))?.[1];
  const found = Object.entries(resources("AWS::ApiGatewayV2::Integration")).find(
    ([id]) => id.split("/")[1] === integration,
  )?.[1].Properties;
  expect(found, String(integration)).toMatchObject({
    IntegrationType: "AWS_PROXY",
    PayloadFormatVersion: "2.0",
  });
  const id = /^<(.+)\.Arn>$/.exec(plain(found?.["IntegrationUri"]))?.[1];
  return resources("AWS::Lambda::Function")[`sluice-api/${id}`]?.Properties["FunctionName"];
};

describe.each(routes)("$method $path", ({ method, path, function: key, auth }) => {
  const found = deployed.filter(({ RouteKey }) => RouteKey === `${method} ${path}`);

  it(`is served by ${functions[key].name}`, () => {
    expect(found.map(({ Target }) => functionBehind(Target))).toEqual([functions[key].name]);
  });

  it(auth ? "asks for a token" : "is open", () => {
    expect(found.map(({ AuthorizationType }) => AuthorizationType)).toEqual([auth ? "JWT" : "NONE"]);
    for (const { AuthorizerId } of found) expect(AuthorizerId === undefined).toBe(!auth);
  });
});

describe("the API", () => {
  it("has only the routes of the table", () => {
    const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
    expect(deployed.map(({ RouteKey }) => RouteKey).filter((key) => !known.has(String(key)))).toEqual([]);
  });

  it("has no public routes except those without data", () => {
    const open = deployed.filter(({ AuthorizationType }) => AuthorizationType !== "JWT");
    expect(open.map(({ RouteKey }) => RouteKey)).toEqual(["GET /v1/openapi.json"]);
  });

  it("checks the token's issuer and audience", () => {
    const authorizers = Object.values(resources("AWS::ApiGatewayV2::Authorizer"));
    expect(authorizers.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        AuthorizerType: "JWT",
        IdentitySource: ["$request.header.Authorization"],
        JwtConfiguration: { Issuer: "https://issuer.example", Audience: ["sluice"] },
      }),
    ]);
  });

  it("logs each access, without token or body", () => {
    const stage = one("AWS::ApiGatewayV2::Stage");
    const { Format } = stage.Properties["AccessLogSettings"] as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({ route: "$context.routeKey", status: "$context.status" });
    expect(Format).not.toMatch(/authorization|header|body/i);
  });

  it("logs to a group that needs no entry in the region's resource policy", () => {
    const groups = Object.values(template("sluice-api").Resources).filter(
      ({ Type, Properties }) =>
        Type === "AWS::Logs::LogGroup" && !String(Properties["LogGroupName"]).startsWith("/aws/lambda/"),
    );
    expect(groups).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({ LogGroupName: "/aws/vendedlogs/sluice/api" }),
        UpdateReplacePolicy: "Retain",
      }),
    ]);
  });

  it("lets only this API call its functions", () => {
    const permissions = Object.entries(resources("AWS::Lambda::Permission")).filter(([id]) =>
      id.startsWith("sluice-api/"),
    );
    for (const [id, { Properties }] of permissions) {
      expect(Properties["Principal"], id).toBe("apigateway.amazonaws.com");
      expect(plain(Properties["SourceArn"]), id).toMatch(
        /^arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<apiC8550315>\/\*\/\*/,
      );
    }
  });
});
