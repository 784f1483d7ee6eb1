import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { Caller } from "../../shared/domain/workspace/authorize.ts";
import type { PathParameters } from "../../shared/model/api/operation.ts";

/** Claims as API Gateway hands them on: mostly texts, lists as `[a b]`. */
export type Claims = Readonly<Record<string, unknown>>;

/** An HTTP API's event (payload format 2.0), with the JWT authorizer's findings where the route has one. */
export type HttpEvent = Omit<APIGatewayProxyEventV2, "requestContext"> & {
  readonly requestContext: APIGatewayProxyEventV2["requestContext"] & {
    readonly authorizer?: { readonly jwt?: { readonly claims?: Claims } };
  };
};
export type HttpResult = APIGatewayProxyStructuredResultV2;

/** A request that has passed its operation's checks. */
export interface HttpRequest<Path extends string, Query, Body> {
  readonly params: PathParameters<Path>;
  readonly query: Query;
  readonly body: Body;
  readonly idempotencyKey?: string;
  /** The rev that the client has seen. */
  readonly ifMatch?: number;
}

/** What a handler answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Becomes the ETag. */
  readonly rev?: number;
  readonly location?: string;
}

/** Lambda's context with what the chain has found out on the way to the handler. */
export type HttpContext<Path extends string = string, Query = unknown, Body = unknown> = Context & {
  caller: Caller;
  request: HttpRequest<Path, Query, Body>;
};
