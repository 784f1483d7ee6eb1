import { REGION } from "../aws/function-name.ts";
import { PLACEHOLDER_SIGNATURE } from "../aws/placeholder-signature.ts";

/** A call of the AWS SDK as its HTTP handler gets it: serialized and signed (Smithy's `HttpHandler`). */
export interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
interface SdkOptions {
  readonly abortSignal?: unknown;
}
interface SdkHandler {
  handle(request: SdkRequest, options?: SdkOptions): Promise<{ response: SdkResponse }>;
}

/** A request and answer of the AWS services without HTTP. */
export interface DirectRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
export interface DirectAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

/** What the SDK signs requests with (Smithy's `HttpSigner`). */
interface SdkSigner {
  sign(request: SdkRequest, ...rest: unknown[]): Promise<SdkRequest>;
}

/**
 * Between an SDK client and a service in the same process, HTTP would need two sockets and two parsers for every call, and a
 * signature that nobody verifies: more work than the call itself. Instead, the service gets the request that the SDK has
 * serialized, and the SDK gets the answer and parses it. `direct` returns the service's function, or undefined for requests that go
 * over the network.
 */
export async function shortenSdkCalls(
  direct: (
    request: SdkRequest,
  ) => ((request: DirectRequest) => Promise<DirectAnswer | undefined>) | undefined,
): Promise<void> {
  // All clients use these classes of handlers and signers. Loaded late, because the SDK is the slowest import.
  const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const { requestHandler, httpAuthSchemes } = new DynamoDBClient({ region: REGION }).config;
  for (const { signer } of httpAuthSchemes) {
    const signers = Object.getPrototypeOf(signer) as SdkSigner;
    const sign = signers.sign;
    signers.sign = async function (this: SdkSigner, request, ...rest) {
      if (direct(request) === undefined) return sign.call(this, request, ...rest);
      return Object.assign(request, { headers: { ...request.headers, ...PLACEHOLDER_SIGNATURE } });
    };
  }
  const handlers = Object.getPrototypeOf(requestHandler) as SdkHandler;
  const overNetwork = handlers.handle;
  handlers.handle = async function (this: SdkHandler, request, options) {
    const take = isPlain(request, options) ? direct(request) : undefined;
    if (take === undefined) return overNetwork.call(this, request, options);
    const { method, path, query, headers, body } = request;
    const answer = await take({ method, path, query: queryOf(query), headers, body: bufferOf(body) });
    // The same error as from Node's own client, so that the SDK retries in the same way.
    if (answer === undefined) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    return {
      response: {
        statusCode: answer.status,
        headers: answer.headers as Readonly<Record<string, string>>,
        body: typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body,
      },
    };
  };
}

const isPlain = ({ body }: SdkRequest, options: SdkOptions | undefined): boolean =>
  options?.abortSignal === undefined &&
  (body === undefined || typeof body === "string" || body instanceof Uint8Array);

const bufferOf = (body: unknown): Buffer => {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.from(typeof body === "string" ? body : "");
};

const queryOf = (query: SdkRequest["query"]): URLSearchParams => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) parameters.append(name, String(one));
  }
  return parameters;
};
