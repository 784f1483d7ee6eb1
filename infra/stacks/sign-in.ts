import { Annotations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ConsoleStack } from "./console.ts";
import type { ConsoleConfig } from "./console-content.ts";
import { IdentityStack } from "./identity.ts";
import type { Parameters } from "./parameters.ts";

export interface SignIn {
  /** The issuer of the tokens: the deployer's own, or the user pool. */
  readonly identity: string | IdentityStack;
  /** The console and its sign-in settings. */
  readonly console?: { readonly site: ConsoleStack; readonly signIn: ConsoleConfig["signIn"] };
}

/**
 * The sign-in: the console's address, the user pool and its client. The address comes first, because the user pool redirects
 * people only to it. With the deployer's own issuer, there is a console only if it has a client at that issuer. Without a
 * console, nothing refers to CloudFront.
 */
export const addSignIn = (parent: Construct, parameters: Parameters): SignIn => {
  const { issuer, consoleClientId, consoleScope: scope } = parameters;
  const site = addSite(parent, parameters);
  if (issuer !== undefined) {
    if (site === undefined || consoleClientId === undefined) return { identity: issuer };
    const signIn = { kind: "oidc" as const, authority: issuer, clientId: consoleClientId, scope };
    return { identity: issuer, console: { site, signIn } };
  }
  const identity = new IdentityStack(parent, {
    signInUrls: parameters.signInUrls,
    consoleOrigin: site?.origin,
    platformGroup: parameters.platformValue,
  });
  return site === undefined
    ? { identity }
    : { identity, console: { site, signIn: signInAtPool(identity, site, scope) } };
};

const addSite = (parent: Construct, parameters: Parameters): ConsoleStack | undefined => {
  const { issuer, consoleClientId, console: wanted, consoleIssuerOrigins } = parameters;
  const reason = !wanted
    ? "console is false"
    : issuer !== undefined && consoleClientId === undefined
      ? "consoleClientId, its client at the issuer, is not given"
      : undefined;
  if (reason !== undefined) {
    Annotations.of(parent).addInfoV2("sluice:no-console", `No console is deployed, because ${reason}`);
    return undefined;
  }
  return new ConsoleStack(parent, {
    domain: domainOf(parameters),
    webAclArn: parameters.consoleWebAclArn,
    logBucket: parameters.consoleLogBucket,
    issuerOrigins: issuer === undefined ? undefined : [new URL(issuer).origin, ...consoleIssuerOrigins],
  });
};

const domainOf = ({ consoleDomain: name, consoleCertificateArn: certificateArn }: Parameters) =>
  name === undefined || certificateArn === undefined ? undefined : { name, certificateArn };

const signInAtPool = (
  { pool, peopleClientId, pagesUrl }: IdentityStack,
  { host }: ConsoleStack,
  scope: string,
): ConsoleConfig["signIn"] => ({
  kind: "oidc",
  authority: pool.userPoolProviderUrl,
  clientId: peopleClientId,
  scope,
  // Must equal one of the client's logout addresses; used in a query string.
  logoutUrl: `${pagesUrl}/logout?client_id=${peopleClientId}&logout_uri=https%3A%2F%2F${host}`,
});
