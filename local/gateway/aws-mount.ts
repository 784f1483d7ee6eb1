import type { IncomingMessage } from "node:http";
import type { AwsEndpoint, AwsRequest } from "../aws/endpoint.ts";
import { CONNECTION_RESET, type Faults } from "../aws/faults.ts";
import { callerOf } from "../lambda/caller.ts";
import type { Usage } from "../metering/usage.ts";
import { AwsError } from "../ports/services.ts";
import { type HttpAnswer, readBody } from "./http.ts";

/** The largest request of all services: DynamoDB's BatchWriteItem, 16 MB plus its JSON. */
const MAX_BODY = 32 * 1_024 * 1_024;

/** Faults of Lambda invocations are injected in the Lambda service, because most invocations do not come over HTTP. */
const FAULTED_ELSEWHERE = new Set(["lambda:Invoke"]);

/** A request whose body is read only if a service answers it. */
type MountedRequest = Omit<AwsRequest, "body"> & { readonly body: () => Buffer | Promise<Buffer> };

/** A call of an AWS service by one of Sluice's functions. */
export interface OwnCall {
  /** The calling function's name. */
  readonly caller: string;
  readonly service: string;
  readonly operation: string;
  readonly body: Buffer;
}

/** The AWS services at `/aws/<name>`. Calls over HTTP are counted, and faults injected, here. */
export class AwsMount {
  readonly #services: ReadonlyMap<string, AwsEndpoint>;
  readonly #faults: Faults;
  readonly #usage: Usage;
  readonly #isGranted: (call: OwnCall) => boolean;

  constructor(
    services: ReadonlyMap<string, AwsEndpoint>,
    faults: Faults,
    usage: Usage,
    isGranted: (call: OwnCall) => boolean,
  ) {
    this.#services = services;
    this.#faults = faults;
    this.#usage = usage;
    this.#isGranted = isGranted;
  }

  /** Returns undefined to break the connection without a response. */
  async answer(request: IncomingMessage, url: URL): Promise<HttpAnswer | undefined> {
    const gone = new AbortController();
    const abort = () => gone.abort();
    request.socket.once("close", abort);
    try {
      return await this.perform({
        method: request.method ?? "GET",
        path: url.pathname,
        query: url.searchParams,
        headers: withoutLocalHeaders(request),
        body: () => readBody(request, MAX_BODY),
        caller: callerOf(request),
        gone: gone.signal,
      });
    } finally {
      request.socket.off("close", abort);
    }
  }

  /** Answers a request; `path` includes the mount. Returns undefined to break the connection without an answer. */
  async perform(request: MountedRequest): Promise<HttpAnswer | undefined> {
    const [, , service = "", ...rest] = request.path.split("/");
    const endpoint = this.#services.get(service);
    if (endpoint === undefined)
      return { status: 404, headers: {}, body: `No AWS service at /aws/${service}` };
    try {
      const body = await request.body();
      return await this.#call(service, endpoint, { ...request, path: `/${rest.join("/")}`, body });
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500);
      if (known.name === CONNECTION_RESET) return undefined;
      if (!(error instanceof AwsError))
        process.stderr.write(`[aws/${service}] ${error instanceof Error ? error.stack : error}\n`);
      return withRequestId(endpoint.errorAnswer(known));
    }
  }

  async #call(service: string, endpoint: AwsEndpoint, request: AwsRequest): Promise<HttpAnswer> {
    const operation = endpoint.operation(request);
    if (operation === undefined) {
      throw new AwsError(
        "UnknownOperationException",
        `${request.method} ${request.path} is not an operation of ${service}`,
        404,
      );
    }
    const { caller, body } = request;
    if (caller !== undefined && !this.#isGranted({ caller, service, operation, body })) {
      throw new AwsError(
        "AccessDeniedException",
        `The role of ${caller} has no grant for ${service}:${operation} on this resource (infra/functions.ts)`,
      );
    }
    const call = () => {
      this.#usage.call(service, operation);
      return endpoint.handle(operation, request);
    };
    if (FAULTED_ELSEWHERE.has(`${service}:${operation}`)) return withRequestId(await call());
    const succeeded = ({ status }: HttpAnswer): boolean => status < 300;
    return withRequestId(await this.#faults.around(service, operation, call, succeeded));
  }
}

const withRequestId = (answer: HttpAnswer): HttpAnswer => ({
  ...answer,
  headers: { "x-amzn-requestid": crypto.randomUUID(), ...answer.headers },
});

function withoutLocalHeaders(request: IncomingMessage): IncomingMessage["headers"] {
  return Object.fromEntries(Object.entries(request.headers).filter(([name]) => !name.startsWith("x-local-")));
}
