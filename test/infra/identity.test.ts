import { describe, expect, it } from "vitest";
import { SCOPES } from "../../shared/model/access.ts";
import { plain, synthesize } from "./synth/synthesized.ts";

const POOL = { issuer: undefined, audience: undefined };
const CLIENTS = {
  billing: { scopes: ["runs:dispatch", "runs:read"], workspaces: ["acme"] },
  ops: { scopes: ["flows:control"], workspaces: ["umbrella", "acme"] },
};
const deployed = synthesize({ ...POOL, clients: CLIENTS, audience: "made-by-hand" });
const { resources, one, template } = deployed;
const client = (name: string) => one("AWS::Cognito::UserPoolClient", { ClientName: name }).Properties;
const texts = (values: unknown) => (values as unknown[]).map(plain);

describe("the user pool", () => {
  const pool = one("AWS::Cognito::UserPool");

  it("does not allow sign-up, and requires strong passwords", () => {
    expect(pool.Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      Policies: {
        PasswordPolicy: {
          MinimumLength: 14,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          RequireUppercase: true,
        },
      },
      UsernameAttributes: ["email"],
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
    });
  });

  it("offers a second factor without text messages, and no feature that costs money at rest", () => {
    expect(pool.Properties).toMatchObject({
      MfaConfiguration: "OPTIONAL",
      EnabledMfas: ["SOFTWARE_TOKEN_MFA"],
      UserPoolTier: "ESSENTIALS",
    });
    expect(pool.Properties).not.toHaveProperty("UserPoolAddOns");
    expect(pool.Properties).not.toHaveProperty("SmsConfiguration");
    expect(pool.Properties).not.toHaveProperty("LambdaConfig");
  });

  it("cannot be lost by accident", () => {
    expect(pool.Properties["DeletionProtection"]).toBe("ACTIVE");
    expect(pool).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  it("has its own sign-in pages, at an address that does not reveal the account", () => {
    const domain = one("AWS::Cognito::UserPoolDomain").Properties;
    expect(domain["ManagedLoginVersion"]).toBe(2);
    expect(JSON.stringify(domain["Domain"])).toContain("AWS::StackId");
    expect(JSON.stringify(domain["Domain"])).not.toContain("AccountId");
    expect(one("AWS::Cognito::ManagedLoginBranding").Properties).toMatchObject({
      UseCognitoProvidedValues: true,
      ClientId: { Ref: expect.stringMatching(/^people/) },
    });
  });

  it("has the group of platform administrators, whose name is in the functions' settings", () => {
    expect(one("AWS::Cognito::UserPoolGroup").Properties["GroupName"]).toBe("sluice-platform");
    const read = one("AWS::Lambda::Function", { FunctionName: "sluice-read" }).Properties;
    expect((read["Environment"] as { Variables: unknown }).Variables).toMatchObject({
      SLUICE_PLATFORM_CLAIM: "cognito:groups",
      SLUICE_PLATFORM_VALUE: "sluice-platform",
      SLUICE_WORKSPACES_CLAIM: "scope",
    });
  });
});

describe("its clients", () => {
  it("people sign in with a code and PKCE, without a secret", () => {
    expect(client("sluice-people")).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "email", "profile"],
      CallbackURLs: expect.arrayContaining(["http://localhost:8976/callback"]),
      PreventUserExistenceErrors: "ENABLED",
      EnableTokenRevocation: true,
      AccessTokenValidity: 60,
    });
    expect(client("sluice-people")["ExplicitAuthFlows"]).toEqual([
      "ALLOW_USER_SRP_AUTH",
      "ALLOW_REFRESH_TOKEN_AUTH",
    ]);
  });

  it("programs have a secret, and the scopes and workspaces that they were granted", () => {
    expect(client("sluice-billing")).toMatchObject({
      GenerateSecret: true,
      AllowedOAuthFlows: ["client_credentials"],
    });
    expect(client("sluice-billing")).not.toHaveProperty("CallbackURLs");
    const scopesOf = (name: string) => texts(client(name)["AllowedOAuthScopes"]);
    const sluice = expect.stringMatching(/scopes.*\/(runs|flows):/);
    const walls = expect.stringMatching(/^<machinesworkspaces\w+>\/(acme|umbrella)$/);
    expect(scopesOf("sluice-billing")).toEqual([sluice, sluice, walls]);
    expect(scopesOf("sluice-ops")).toEqual([sluice, walls, walls]);
    expect(scopesOf("sluice-billing").map((scope) => scope.replace(/^<.*>\//, ""))).toEqual([
      "runs:dispatch",
      "runs:read",
      "acme",
    ]);
  });

  it("the scopes are those of the API, and one per workspace", () => {
    const scopesOf = (Identifier: string) =>
      (
        one("AWS::Cognito::UserPoolResourceServer", { Identifier }).Properties["Scopes"] as {
          ScopeName: string;
        }[]
      ).map(({ ScopeName }) => ScopeName);
    expect(scopesOf("sluice")).toEqual([...SCOPES]);
    expect(scopesOf("workspaces")).toEqual(["acme", "umbrella"]);
  });

  it("are audiences of the API, in addition to those that the deployer names", () => {
    const { Issuer, Audience } = one("AWS::ApiGatewayV2::Authorizer").Properties["JwtConfiguration"] as {
      Issuer: unknown;
      Audience: unknown[];
    };
    expect(plain(Issuer)).toMatch(/^<sluice-identity\/pool\w*\.ProviderURL>$/);
    expect(Audience.map(plain)).toEqual([
      expect.stringMatching(/^<sluice-identity\/people/),
      expect.stringMatching(/^<machinesbilling/),
      expect.stringMatching(/^<machinesops/),
      "made-by-hand",
    ]);
  });

  it("are created only on request: by default, none costs money at rest", () => {
    const idle = synthesize(POOL);
    const made = Object.values(idle.resources("AWS::Cognito::UserPoolClient"));
    expect(made.map(({ Properties }) => Properties["ClientName"])).toEqual(["sluice-people"]);
    expect(Object.keys(idle.resources("AWS::Cognito::UserPoolResourceServer"))).toHaveLength(1);
    // With or without them, the API finds the same exports, because the pool's stack is deployed first.
    const exportsOf = ({ template: of }: typeof idle) =>
      Object.values(of("sluice-identity").Outputs ?? {}).map(({ Export }) => String(Export?.Name));
    expect(exportsOf(idle).sort()).toEqual(exportsOf(deployed).sort());
  });

  it("expose no secret in the stacks' outputs", () => {
    for (const stack of ["sluice-identity", "sluice-api"]) {
      expect(JSON.stringify(template(stack))).not.toContain("ClientSecret");
    }
  });
});

describe("an issuer of the deployer's own", () => {
  it("replaces the pool", () => {
    const own = synthesize();
    expect(Object.keys(own.resources("AWS::Cognito::UserPool"))).toEqual([]);
    expect(() => own.template("sluice-identity")).toThrow();
    expect(Object.keys(resources("AWS::Cognito::UserPool"))).toHaveLength(1);
  });
});
