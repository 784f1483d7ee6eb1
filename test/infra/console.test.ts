import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { consoleHeaders } from "../../infra/console-http.ts";
import { routes } from "../../infra/routes.ts";
import { fileOf } from "../harness/browser/hosted-console.ts";
import { plain, type Synthesized, synthesize } from "./synth/synthesized.ts";

const POOL = { issuer: undefined, audience: undefined };
const DOMAIN = {
  consoleDomain: "sluice.example.com",
  consoleCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/abc",
};
const OWN = { consoleClientId: "the-console", consoleScope: "openid offline_access" };

interface Behavior {
  readonly CachePolicyId: unknown;
  readonly FunctionAssociations?: unknown;
  readonly [field: string]: unknown;
}
interface Configuration {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly (Behavior & { readonly PathPattern: string })[];
  readonly [field: string]: unknown;
}
const configurationOf = ({ one }: Synthesized) =>
  one("AWS::CloudFront::Distribution").Properties["DistributionConfig"] as Configuration;

/** The content of /config.json after deployment has filled in its values. */
const configOf = ({ app, resources }: Synthesized): unknown => {
  const page = Object.entries(resources("Custom::CDKBucketDeployment")).find(([id]) => id.includes("page"));
  const marked = page?.[1].Properties["SourceMarkers"] as readonly Record<string, unknown>[] | undefined;
  const markers = marked?.at(-1) ?? {};
  const [file = ""] = globSync("asset.*/config.json", { cwd: app.outdir });
  const text = Object.entries(markers).reduce(
    (known, [marker, value]) => known.replaceAll(marker, plain(value)),
    readFileSync(join(app.outdir, file), "utf8"),
  );
  return JSON.parse(text);
};

const deployed = synthesize(POOL);
const { one, resources, template } = deployed;
const configuration = configurationOf(deployed);
const origin = "https://<sluice-console/distribution.DomainName>";

describe("the console's bucket", () => {
  const bucket = one("AWS::S3::Bucket");

  it("is not public", () => {
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      BucketEncryption: expect.anything(),
    });
    expect(bucket.Properties).not.toHaveProperty("WebsiteConfiguration");
  });

  it("can be read only by its distribution, over TLS", () => {
    const { PolicyDocument } = one("AWS::S3::BucketPolicy").Properties as {
      PolicyDocument: { Statement: readonly Record<string, unknown>[] };
    };
    const allowed = PolicyDocument.Statement.filter(({ Effect }) => Effect === "Allow");
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: "s3:GetObject",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: { StringEquals: { "AWS:SourceArn": expect.anything() } },
      }),
    ]);
    expect(JSON.stringify(allowed)).toMatch(/distribution\//);
    expect(PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: "Deny",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    );
  });
});

describe("the distribution", () => {
  it("signs its requests to the bucket", () => {
    expect(one("AWS::CloudFront::OriginAccessControl").Properties["OriginAccessControlConfig"]).toMatchObject(
      {
        OriginAccessControlOriginType: "s3",
        SigningBehavior: "always",
        SigningProtocol: "sigv4",
      },
    );
    const [from, ...more] = configuration["Origins"] as readonly Record<string, unknown>[];
    expect(more).toEqual([]);
    expect(from).toMatchObject({
      OriginAccessControlId: expect.anything(),
      S3OriginConfig: { OriginAccessIdentity: "" },
    });
  });

  it("supports HTTP/2 and 3, compresses, redirects to https, and costs nothing at rest", () => {
    expect(configuration).toMatchObject({
      Enabled: true,
      HttpVersion: "http2and3",
      IPV6Enabled: true,
      PriceClass: "PriceClass_100",
    });
    for (const costly of ["Logging", "WebACLId", "OriginGroups"])
      expect(configuration).not.toHaveProperty(costly);
    for (const behavior of [configuration.DefaultCacheBehavior, ...configuration.CacheBehaviors]) {
      expect(behavior).toMatchObject({
        Compress: true,
        ViewerProtocolPolicy: "redirect-to-https",
        AllowedMethods: ["GET", "HEAD"],
        ResponseHeadersPolicyId: { Ref: expect.stringMatching(/^headers/) },
      });
    }
  });

  it("caches the page only as long as the origin allows, and its files forever", () => {
    const told = one("AWS::CloudFront::CachePolicy").Properties["CachePolicyConfig"];
    expect(told).toMatchObject({ MinTTL: 0, DefaultTTL: 0 });
    expect(configuration.DefaultCacheBehavior.CachePolicyId).toEqual({
      Ref: expect.stringMatching(/^astold/),
    });
    expect(configuration.CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(["/assets/*"]);
    const files = Object.values(resources("Custom::CDKBucketDeployment")).map(({ Properties }) => Properties);
    expect(
      files.map((one) => [one["DestinationBucketKeyPrefix"], one["SystemMetadata"], one["Prune"]]),
    ).toEqual([
      ["assets", { "cache-control": "public, max-age=31536000, immutable" }, false],
      [undefined, { "cache-control": "no-cache" }, false],
    ]);
  });

  it("serves the page at each of its addresses, and each file at its own", () => {
    const { FunctionCode, FunctionConfig } = one("AWS::CloudFront::Function").Properties;
    expect(FunctionConfig).toMatchObject({ Runtime: "cloudfront-js-2.0" });
    expect(String(FunctionCode)).toMatch(/^function handler\(event\)/);
    expect(configuration.DefaultCacheBehavior.FunctionAssociations).toEqual([
      { EventType: "viewer-request", FunctionARN: expect.anything() },
    ]);
    for (const page of ["/", "/signed-in", "/acme/flows/a-1", "/acme/monitoring/workflow-runs/x.js"])
      expect(fileOf(page), page).toBe("/index.html");
    for (const file of ["/index.html", "/config.json", "/icon.svg"]) expect(fileOf(file)).toBe(file);
  });

  it("sends the local stack's headers, and Strict-Transport-Security", () => {
    const { SecurityHeadersConfig: given } = one("AWS::CloudFront::ResponseHeadersPolicy").Properties[
      "ResponseHeadersPolicyConfig"
    ] as { SecurityHeadersConfig: Record<string, Record<string, unknown>> };
    expect(Object.keys(consoleHeaders()).sort()).toEqual([
      "content-security-policy",
      "referrer-policy",
      "x-content-type-options",
    ]);
    expect(given).toMatchObject({
      ContentTypeOptions: { Override: true },
      ReferrerPolicy: { ReferrerPolicy: "no-referrer", Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
    });
    const policy = plain(given["ContentSecurityPolicy"]?.["ContentSecurityPolicy"]).split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain(
      "connect-src 'self' https://*.execute-api.<AWS::Region>.amazonaws.com https://cognito-idp.<AWS::Region>.amazonaws.com https://*.auth.<AWS::Region>.amazoncognito.com",
    );
  });

  it("accepts a custom domain, with TLS 1.2 or later", () => {
    const named = configurationOf(synthesize({ ...POOL, ...DOMAIN }));
    expect(named).toMatchObject({
      Aliases: ["sluice.example.com"],
      ViewerCertificate: {
        AcmCertificateArn: DOMAIN.consoleCertificateArn,
        MinimumProtocolVersion: "TLSv1.2_2021",
        SslSupportMethod: "sni-only",
      },
    });
  });
});

describe("without a console", () => {
  const bare = synthesize({ ...POOL, ...DOMAIN, console: false });
  const stacks = bare.app.synth().stacks.map(({ stackName }) => stackName);

  it("the rest is deployed: the API, the sign-in and the workflow stack", () => {
    expect(stacks.toSorted()).toEqual([
      "sluice-alarms",
      "sluice-api",
      "sluice-data",
      "sluice-identity",
      "sluice-schedule",
      "sluice-workflow",
    ]);
  });

  it("nothing uses CloudFront or refers to it", () => {
    const types = Object.keys(bare.resources("AWS::CloudFront::Distribution"));
    expect(types).toEqual([]);
    for (const stack of stacks)
      expect(JSON.stringify(bare.template(stack))).not.toMatch(/cloudfront|sluice-console/i);
  });

  it("people sign in on the command line, and no page may call the API", () => {
    const client = bare.one("AWS::Cognito::UserPoolClient", { ClientName: "sluice-people" }).Properties;
    expect(client).toMatchObject({
      CallbackURLs: ["http://localhost:8976/callback"],
      LogoutURLs: ["http://localhost:8976/callback"],
    });
    expect(bare.one("AWS::ApiGatewayV2::Api").Properties).not.toHaveProperty("CorsConfiguration");
  });
});

describe("sign-in", () => {
  it("the pool redirects people only to the console", () => {
    const client = one("AWS::Cognito::UserPoolClient", { ClientName: "sluice-people" }).Properties;
    const urls = (name: string) => (client[name] as unknown[]).map(plain);
    expect(urls("CallbackURLs")).toEqual(["http://localhost:8976/callback", `${origin}/signed-in`]);
    expect(urls("LogoutURLs")).toEqual(["http://localhost:8976/callback", origin]);
  });

  it("the page's configuration names the API and the pool", () => {
    expect(configOf(deployed)).toEqual({
      signIn: {
        kind: "oidc",
        authority: "<sluice-identity/pool.ProviderURL>",
        clientId: "<sluice-identity/people>",
        scope: "openid profile email",
        logoutUrl:
          "https://<sluice-identity/pooldomain>.auth.<AWS::Region>.amazoncognito.com/logout?client_id=<sluice-identity/people>&logout_uri=https%3A%2F%2F<sluice-console/distribution.DomainName>",
      },
      apiUrl: "<sluice-api/api.ApiEndpoint>",
    });
  });

  it("the API allows only the console's origin", () => {
    const { CorsConfiguration } = one("AWS::ApiGatewayV2::Api").Properties as {
      CorsConfiguration: Record<string, unknown>;
    };
    expect((CorsConfiguration["AllowOrigins"] as unknown[]).map(plain)).toEqual([origin]);
    expect(CorsConfiguration).toMatchObject({
      AllowHeaders: ["authorization", "content-type", "if-match", "idempotency-key", "prefer"],
      ExposeHeaders: expect.arrayContaining(["etag", "location", "date"]),
      MaxAge: 7_200,
    });
    expect(CorsConfiguration["AllowMethods"]).toEqual(
      expect.arrayContaining([...new Set(routes.map(({ method }) => method))]),
    );
    expect(CorsConfiguration).not.toHaveProperty("AllowCredentials");
  });
});

describe("pages of the deployer's own", () => {
  it("may call the API if their origin is in webOrigins, also without a console", () => {
    const webOrigins = ["https://app.example.com", "http://localhost:5173"];
    const { CorsConfiguration } = synthesize({ console: false, webOrigins }).one("AWS::ApiGatewayV2::Api")
      .Properties as { CorsConfiguration: Record<string, unknown> };
    expect(CorsConfiguration["AllowOrigins"]).toEqual(webOrigins);
  });

  it.each(["*", "https://app.example.com/page", "http://app.example.com", "https://*.example.com"])(
    "%s is not an origin",
    (webOrigin) => {
      expect(() => synthesize({ webOrigins: [webOrigin] })).toThrow("Must be an origin");
    },
  );
});

describe("an issuer of the deployer's own", () => {
  it("has no console unless it has a client for it", () => {
    const bare = synthesize();
    expect(Object.keys(bare.resources("AWS::CloudFront::Distribution"))).toEqual([]);
    expect(bare.one("AWS::ApiGatewayV2::Api").Properties).not.toHaveProperty("CorsConfiguration");
    expect(bare.app.node.metadata.map(({ data }) => String(data)).join()).toContain("consoleClientId");
  });

  it("is called at its own address", () => {
    const own = synthesize({
      ...OWN,
      consoleWorkspace: "acme",
      consoleIssuerOrigins: "https://token.example",
    });
    expect(Object.keys(own.resources("AWS::Cognito::UserPool"))).toEqual([]);
    const headers = JSON.stringify(own.resources("AWS::CloudFront::ResponseHeadersPolicy"));
    expect(headers).toContain(".amazonaws.com https://issuer.example https://token.example; ");
    expect(headers).not.toContain("cognito");
    expect(configOf(own)).toMatchObject({
      signIn: {
        kind: "oidc",
        authority: "https://issuer.example",
        clientId: "the-console",
        scope: "openid offline_access",
      },
      workspace: "acme",
    });
  });
});

describe("the function that copies the files", () => {
  it("reads only its own archives and writes only to the console's bucket", () => {
    const { Policies } = one("AWS::IAM::Role", {
      Description: "Copies the console's files into its bucket at deployment",
    }).Properties as {
      Policies: readonly { PolicyDocument: { Statement: readonly Record<string, unknown>[] } }[];
    };
    const inline = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const attached = Object.values(template("sluice-console-content").Resources)
      .filter(({ Type }) => Type === "AWS::IAM::Policy")
      .flatMap(
        ({ Properties }) =>
          (Properties["PolicyDocument"] as { Statement: readonly Record<string, unknown>[] }).Statement,
      );
    expect(inline.flatMap(({ Action }) => Action)).toEqual([
      "s3:ListBucket",
      "s3:PutObject",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]);
    expect(attached.flatMap(({ Action }) => Action)).toEqual(["s3:GetObject"]);
    expect(JSON.stringify(attached)).not.toContain("*");
  });

  it("is deployed before it is called, and copies the files before the page", () => {
    const { Resources } = template("sluice-console-content");
    const handler = Object.values(Resources).find(({ Type }) => Type === "AWS::Lambda::Function");
    expect(handler?.["DependsOn"]).toContainEqual(expect.stringMatching(/^roleDefaultPolicy/));
    const [, page] = Object.entries(Resources).filter(
      ([, { Type }]) => Type === "Custom::CDKBucketDeployment",
    );
    expect(page?.[1]["DependsOn"]).toContainEqual(expect.stringMatching(/^parts/));
  });
});
