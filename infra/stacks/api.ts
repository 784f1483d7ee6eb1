import { CfnOutput, CfnParameter, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { acknowledge } from "../constructs/acknowledge.ts";
import { HouseFunction, type HouseFunctionProps } from "../constructs/house-function.ts";
import { type Route, routes } from "../routes.ts";

export interface ApiStackProps extends HouseFunctionProps {
  /** Issuer of the tokens; without one, the stack asks for it as a CloudFormation parameter. */
  readonly issuer?: string | undefined;
  readonly audience: readonly string[];
}

/** The HTTP API: every route of the route table, its function, its JWT authorizer. */
export class ApiStack extends Stack {
  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, "sluice-api", { description: "Sluice: the HTTP API" });

    const api = new HttpApi(this, "api", { apiName: "sluice", createDefaultStage: false });
    const accessLog = new LogGroup(this, "access-log", {
      logGroupName: "/sluice/api",
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, "stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      detailedMetricsEnabled: true,
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
      // One permission a function: one a route would outgrow the 20 kB of a function's resource policy.
      const integration = new HttpLambdaIntegration(key, new HouseFunction(this, key, props), {
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
          APIG4: "Public on purpose: it describes the interface and holds nobody's data.",
        });
      }
    }

    new CfnOutput(this, "url", { value: api.apiEndpoint, description: "Base address of the API" });
  }

  private authorizer({ issuer, audience }: ApiStackProps): HttpJwtAuthorizer {
    const from = (id: string, description: string) =>
      new CfnParameter(this, id, { description, minLength: 1 }).valueAsString;
    return new HttpJwtAuthorizer(
      "jwt",
      issuer ?? from("JwtIssuer", "Issuer (iss) of the access tokens, an https address"),
      {
        jwtAudience:
          audience.length > 0
            ? [...audience]
            : [from("JwtAudience", "Audience (aud or client_id) of the tokens")],
      },
    );
  }
}

/** Who asked for what, when, and what became of it; neither tokens nor bodies. */
const ACCESS_LOG_FIELDS = {
  requestId: "$context.requestId",
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
