export interface LambdaRequest {
  /** A name, ARN or partial ARN, with or without a version; the stack uses the name only. */
  readonly functionName: string;
  /** The event as JSON text. */
  readonly payload: string;
}
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
