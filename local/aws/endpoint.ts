import type { IncomingHttpHeaders } from "node:http";
import type { AwsError } from "../ports/services.ts";

/** A request in an AWS service's wire protocol, relative to the path where the service is mounted. */
export interface AwsRequest {
  readonly method: string;
  /** After the mount, e.g. `/schedules/nightly`; percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The calling function if it is one of Sluice's own. */
  readonly caller: string | undefined;
  /** Aborted when the caller no longer waits for the answer. */
  readonly gone?: AbortSignal;
}

export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One AWS service's wire protocol. */
export interface AwsEndpoint {
  /** The operation that a request names, if any. */
  operation(request: AwsRequest): string | undefined;
  /** @throws AwsError */
  handle(operation: string, request: AwsRequest): Promise<AwsAnswer>;
  errorAnswer(error: AwsError): AwsAnswer;
}
