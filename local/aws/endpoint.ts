import type { IncomingHttpHeaders } from "node:http";
import type { AwsError } from "../ports/aws-service.ts";

/** A request in one AWS service's wire protocol, as it reached the place where the service is mounted. */
export interface AwsRequest {
  readonly method: string;
  /** After the mount, e.g. `/schedules/nightly`; percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The function of Sluice's own that makes the call; undefined for everybody else. */
  readonly caller: string | undefined;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One AWS service's wire protocol. */
export interface AwsEndpoint {
  /** The operation that a request names; undefined if it names none. */
  operation(request: AwsRequest): string | undefined;
  /** @throws AwsError */
  handle(operation: string, request: AwsRequest): Promise<AwsAnswer>;
  errorAnswer(error: AwsError): AwsAnswer;
}
