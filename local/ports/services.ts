import type { Json } from "../../shared/model/json/json.ts";

/** An AWS service without its wire protocol. The gateway serves it at `/aws/<name>`; faults are injected and calls counted there. */
export interface AwsService {
  /** @param gone aborted when the caller no longer waits for the answer */
  call(operation: string, body: unknown, gone?: AbortSignal): Promise<unknown>;
}
/** An error with the service's own error name and HTTP status. */
export class AwsError extends Error {
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** An event in EventBridge's format, e.g. `Step Functions Execution Status Change`. */
export interface BusEvent {
  readonly source: string;
  readonly "detail-type": string;
  /** ISO 8601. */
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}
export interface EventBus {
  /** Resolves when every target has accepted the event. If it rejects or the process dies, the caller publishes the event again. */
  publish(event: BusEvent): Promise<void>;
}

export interface LambdaRequest {
  /** A name, ARN or partial ARN, with or without a version or alias. Only Sluice's own functions see the version or alias. */
  readonly functionName: string;
  /** The role of the calling state machine; absent for callers that need no permission. */
  readonly roleArn?: string;
  /** The event as JSON text. */
  readonly payload: string;
  /** Identifies the state's call, to which the output belongs. */
  readonly call?: string;
}
/** Identifies a call of a state: by its execution, and the event of the history with which it began. */
export const callOf = (executionArn: string, startedId: number): string => `${executionArn} ${startedId}`;
export type LambdaResponse =
  | { readonly ok: true; readonly payload: string; readonly executedVersion: string }
  /** A function error: `errorType` is the error's name, `payload` the JSON text that Lambda returns for it. */
  | { readonly ok: false; readonly errorType: string; readonly payload: string }
  /** An error of the service itself, e.g. `Lambda.TooManyRequestsException` or `Lambda.ResourceNotFoundException`. */
  | { readonly ok: "service-error"; readonly name: string; readonly message: string };
export interface LambdaInvoker {
  /** Never rejects. */
  invoke(request: LambdaRequest): Promise<LambdaResponse>;
}

/** A Task's call of a service integration or an activity. */
export interface IntegrationCall {
  /** `dynamodb`, `aws-sdk:s3` or `activity`. */
  readonly service: string;
  /** `putItem`, or the activity's name. */
  readonly action: string;
  /** `sync`, `sync:2` or `waitForTaskToken`; undefined for request and response. */
  readonly pattern: string | undefined;
  /** Parameters or Arguments, evaluated. */
  readonly parameters: Json;
}
export type IntegrationAnswer =
  /** `settles`: the output is the Task's, even if the Task waits for a token or a job; otherwise it is the answer to the call. */
  | { readonly kind: "output"; readonly output: Json; readonly settles: boolean }
  | { readonly kind: "failure"; readonly error: string; readonly cause: string }
  /** Nothing answers such calls except Step Functions itself. `cause` says what to do. */
  | { readonly kind: "unknown"; readonly cause: string };

/** The services that flows call, except Lambda. */
export interface Integrations {
  /** Never rejects. */
  call(call: IntegrationCall): Promise<IntegrationAnswer>;
}

export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly tag: string;
  /** Epoch ms. */
  readonly modified: number;
}
/** The part of S3 that readers and writers of a Distributed Map need. */
export interface ObjectStore {
  /** Undefined if there is no such object. */
  read(bucket: string, key: string): Buffer | undefined;
  write(bucket: string, key: string, content: string): void;
  /** In order of key; undefined if there is no such bucket. */
  list(bucket: string, prefix: string): StoredObject[] | undefined;
}
