import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { Caller } from "../../shared/domain/workspace/authorize.ts";
import type { PathParameters } from "../../shared/model/api/operation.ts";

/** Claims as API Gateway passes them: mostly strings, with lists written as `[a b]`. */
export type Claims = Readonly<Record<string, unknown>>;

/** Event of an HTTP API (payload format 2.0), with the claims of the JWT authorizer if the route has one. */
export type HttpEvent = Omit<APIGatewayProxyEventV2, "requestContext"> & {
  readonly requestContext: APIGatewayProxyEventV2["requestContext"] & {
    readonly authorizer?: { readonly jwt?: { readonly claims?: Claims } };
  };
};
export type HttpResult = APIGatewayProxyStructuredResultV2;

/** A request whose input is valid for its operation. */
export interface HttpRequest<Path extends string, Query, Body> {
  readonly params: PathParameters<Path>;
  readonly query: Query;
  readonly body: Body;
  readonly idempotencyKey?: string;
  /** The rev that the client has read. */
  readonly ifMatch?: number;
  /** The time that the client prefers to wait for the run's end. */
  readonly waitSeconds?: number;
}

/** The answer of a handler, before it gets API Gateway's format. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Becomes the ETag. */
  readonly rev?: number;
  readonly location?: string;
}

/** Lambda's context, with the results of the middlewares. */
export type HttpContext<Path extends string = string, Query = unknown, Body = unknown> = Context & {
  caller: Caller;
  request: HttpRequest<Path, Query, Body>;
};
