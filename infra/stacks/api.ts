import { CfnDeletionPolicy, CfnOutput, Duration, RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CorsHttpMethod,
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { CfnLogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { API_CORS } from "../console-http.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { type MachineClient, MachineClients } from "../constructs/machine-clients.ts";
import { named } from "../constructs/names.ts";
import { SluiceFunction, type SluiceFunctionProps } from "../constructs/sluice-function.ts";
import { type Route, routes } from "../routes.ts";
import type { IdentityStack } from "./identity.ts";
import { SluiceStack } from "./sluice-stack.ts";

export interface ApiStackProps extends SluiceFunctionProps {
  /** The issuer of the tokens: the deployer's own, or the user pool. */
  readonly identity: string | IdentityStack;
  /** Allowed values of a token's `aud` or `client_id`, in addition to the user pool's own clients. */
  readonly audience: readonly string[];
  /** Programs that get a client of the user pool, by name. They are in this stack because the authorizer must list each one. */
  readonly clients: Readonly<Record<string, MachineClient>>;
  /** Origins of the pages that may call the API: the console's, and those of the deployer. */
  readonly origins: readonly string[];
  /** Requests per second of all callers. Above this rate, API Gateway answers 429. */
  readonly apiRate: number;
  /** Requests that may arrive at once. */
  readonly apiBurst: number;
}

/** The HTTP API: every route with its function and its JWT authorizer. */
export class ApiStack extends SluiceStack {
  readonly api: HttpApi;
  readonly url: string;

  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, "sluice-api", { description: "Sluice: the HTTP API" });

    const api = new HttpApi(this, "api", {
      apiName: named(this, "sluice"),
      createDefaultStage: false,
      ...(props.origins.length > 0 && { corsPreflight: corsFor(props.origins) }),
    });
    this.api = api;
    this.url = api.apiEndpoint;
    const accessLog = new LogGroup(this, "access-log", {
      // With this prefix, API Gateway needs no entry of its own in the region's resource policy for logs, whose size is limited.
      logGroupName: `/aws/vendedlogs/${named(this, "sluice")}/api`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // An earlier release used another name. Its log group is kept until its events expire.
    const { defaultChild } = accessLog.node;
    if (defaultChild instanceof CfnLogGroup)
      defaultChild.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    new HttpStage(this, "stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: props.apiRate, burstLimit: props.apiBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });

    const authorizer = this.authorizer(props);
    const anybody = new HttpNoneAuthorizer();
    const integrations = new Map<Route["function"], HttpLambdaIntegration>();
    const integrationOf = (key: Route["function"]) => {
      const known = integrations.get(key);
      if (known !== undefined) return known;
      // One permission per function: one per route would exceed the 20 KB of a function's resource policy.
      const integration = new HttpLambdaIntegration(key, new SluiceFunction(this, key, props), {
        scopePermissionToRoute: false,
      });
      integrations.set(key, integration);
      return integration;
    };
    for (const route of routes) {
      const [added] = api.addRoutes({
        path: route.path,
        methods: [HttpMethod[route.method]],
        integration: integrationOf(route.function),
        authorizer: route.auth ? authorizer : anybody,
      });
      if (added !== undefined && !route.auth) {
        acknowledge(added, {
          APIG4: "Public on purpose: it describes the interface and contains no data.",
        });
      }
    }

    // Always exported: after a deployment without a console, the previous console's content still refers to it.
    this.exportValue(this.url);
    new CfnOutput(this, "url", { value: this.url, description: "Base URL of the API" });
  }

  private authorizer({ identity, audience, clients }: ApiStackProps): HttpJwtAuthorizer {
    if (typeof identity === "string") {
      return new HttpJwtAuthorizer("jwt", identity, { jwtAudience: [...audience] });
    }
    const { pool, scopes, peopleClientId } = identity;
    const machines =
      Object.keys(clients).length > 0
        ? new MachineClients(this, "machines", { pool, scopes, clients }).clientIds
        : [];
    return new HttpJwtAuthorizer("jwt", pool.userPoolProviderUrl, {
      jwtAudience: [peopleClientId, ...machines, ...audience],
    });
  }
}

const corsFor = (origins: readonly string[]): CorsPreflightOptions => ({
  allowOrigins: [...origins],
  allowMethods: API_CORS.allowMethods.map((method) => CorsHttpMethod[method]),
  allowHeaders: [...API_CORS.allowHeaders],
  exposeHeaders: [...API_CORS.exposeHeaders],
  maxAge: Duration.seconds(API_CORS.maxAgeSeconds),
});

/** The access log: callers, operations, times and results, without tokens or bodies. */
const ACCESS_LOG_FIELDS = {
  requestId: "$context.requestId",
  // The `requestId` of a problem and of each line of the function's log.
  functionRequestId: "$context.integration.requestId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  subject: "$context.authorizer.claims.sub",
  route: "$context.routeKey",
  path: "$context.path",
  status: "$context.status",
  length: "$context.responseLength",
  latency: "$context.responseLatency",
  error: "$context.error.message",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};
