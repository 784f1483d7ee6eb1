import { CfnOutput, Duration, Fn, RemovalPolicy } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  FeaturePlan,
  type IUserPoolResourceServer,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolGroup,
  UserPoolResourceServer,
} from "aws-cdk-lib/aws-cognito";
import type { Construct } from "constructs";
import { SCOPES, type Scope } from "../../shared/model/access.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { named } from "../constructs/names.ts";
import { SluiceStack } from "./sluice-stack.ts";

/** The console's callback path, also in console/src/session/config.ts. */
const CONSOLE_CALLBACK_PATH = "/signed-in";

export interface IdentityStackProps {
  /** Addresses to which a browser may return after a sign-in or sign-out: the console, and the command line on its own port. */
  readonly signInUrls: readonly string[];
  /** Address of the console. A sign-in returns to its callback address, a sign-out to the address itself. */
  readonly consoleOrigin: string | undefined;
  /** The group of platform administrators. */
  readonly platformGroup: string;
}

const SCOPE_DESCRIPTIONS: Readonly<Record<Scope, string>> = {
  "runs:dispatch": "Dispatch records",
  "runs:read": "Read runs",
  "runs:control": "Pause, resume, cancel and replay runs",
  "flows:read": "Read flows",
  "flows:control": "Pause and resume flows",
  "flows:publish": "Publish and activate versions of flows",
  "runs:repair": "Resume runs at another state, with other data or on another version",
};

/**
 * A user pool with its sign-in pages, for deployments without an identity provider. It costs nothing below Cognito's free
 * number of active users, and is retained when the stack is deleted.
 */
export class IdentityStack extends SluiceStack {
  readonly pool: UserPool;
  readonly scopes: IUserPoolResourceServer;
  /** The app client with which people sign in, for the console and the command line. */
  readonly peopleClientId: string;
  /** URL of the sign-in pages. */
  readonly pagesUrl: string;

  constructor(scope: Construct, { signInUrls, consoleOrigin, platformGroup }: IdentityStackProps) {
    super(scope, "sluice-identity", {
      description: "Sluice: the user pool",
      terminationProtection: true,
    });
    this.pool = this.makePool();
    const domain = this.pool.addDomain("domain", {
      // The end of the stack's UUID: unique in the region, and independent of the account's id.
      cognitoDomain: { domainPrefix: Fn.join("-", [named(this, "sluice"), endOfUuid(this.stackId)]) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    new UserPoolGroup(this, "platform", {
      userPool: this.pool,
      groupName: platformGroup,
      description: "Platform administrators of Sluice, who create workspaces",
    });
    this.scopes = new UserPoolResourceServer(this, "scopes", {
      userPool: this.pool,
      identifier: "sluice",
      userPoolResourceServerName: "Sluice",
      scopes: SCOPES.map(
        (scopeName) =>
          new ResourceServerScope({ scopeName, scopeDescription: SCOPE_DESCRIPTIONS[scopeName] }),
      ),
    });
    const consoleOrigins = consoleOrigin === undefined ? [] : [consoleOrigin];
    this.peopleClientId = this.makePeopleClient({
      callbackUrls: [...signInUrls, ...consoleOrigins.map((origin) => `${origin}${CONSOLE_CALLBACK_PATH}`)],
      logoutUrls: [...signInUrls, ...consoleOrigins],
    }).userPoolClientId;
    this.pagesUrl = domain.baseUrl();

    // Always exported, so that the first stack that imports a value can be added, and the last one removed, in one deployment.
    const { userPoolId, userPoolProviderUrl } = this.pool;
    const shared = [userPoolId, userPoolProviderUrl, this.scopes.userPoolResourceServerId];
    for (const value of [...shared, this.peopleClientId, domain.domainName]) this.exportValue(value);
    new CfnOutput(this, "issuer", {
      value: this.pool.userPoolProviderUrl,
      description: "Issuer of the access tokens",
    });
    new CfnOutput(this, "poolId", { value: this.pool.userPoolId, description: "The user pool" });
    new CfnOutput(this, "clientId", {
      value: this.peopleClientId,
      description: "App client of people: authorization code with PKCE, no secret",
    });
    new CfnOutput(this, "signIn", {
      value: this.pagesUrl,
      description: "URL of the sign-in pages and of /oauth2/token",
    });
  }

  private makePool(): UserPool {
    const pool = new UserPool(this, "pool", {
      userPoolName: named(this, "sluice"),
      featurePlan: FeaturePlan.ESSENTIALS,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      // A new address takes effect after its owner has verified it.
      keepOriginal: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        passwordHistorySize: 5,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(pool, {
      COG2: "The deployer decides whether to require a second factor. Users can set up a one-time password app.",
      COG8: "Threat protection needs the Plus plan, which has a price per active user. A deployment at rest should cost nothing.",
    });
    return pool;
  }

  private makePeopleClient(urls: { callbackUrls: string[]; logoutUrls: string[] }): UserPoolClient {
    const client = new UserPoolClient(this, "people", {
      userPool: this.pool,
      userPoolClientName: named(this, "sluice-people"),
      generateSecret: false,
      authFlows: { userSrp: true },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
      oAuth: {
        flows: { authorizationCodeGrant: true, implicitCodeGrant: false },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        ...urls,
      },
    });
    // An app client without a branding style has no sign-in pages.
    new CfnManagedLoginBranding(this, "style", {
      userPoolId: this.pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    return client;
  }
}

/** Returns the last of the five parts of the UUID in a stack's ARN: twelve hexadecimal digits. */
const endOfUuid = (stackId: string): string =>
  Fn.select(4, Fn.split("-", Fn.select(2, Fn.split("/", stackId))));
