import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { getSchemaSerdePlugin } from "@smithy/core/schema";
import { getSmithyContext, HttpRequest } from "@smithy/core/transport";
import { PLACEHOLDER_SIGNATURE } from "./placeholder-signature.ts";

/** The operations on items. Their requests and answers are plain JSON, apart from binary values. */
const ITEM_OPERATIONS = new Set([
  ...["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"],
  ...["BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"],
]);
/** Steps that matter only between machines: signature, host, length, user agent, trace, and a log that nobody reads. */
const NOT_NEEDED = [
  ...["httpSigningMiddleware", "hostHeaderMiddleware", "contentLengthMiddleware", "getUserAgentMiddleware"],
  ...["recursionDetectionMiddleware", "loggerMiddleware"],
];
/** The SDK itself writes and reads these, because JSON cannot: in a request as an object, in an answer as text. */
const BINARY_IN_REQUEST = /"(?:B":\{|BS":\[\{)/;
const BINARY_IN_ANSWER = /"BS?":[["]/;

type Next = (args: Args) => Promise<Answered>;
type Middleware = (next: Next, context: Context) => Next;
interface Args {
  readonly input: object;
  readonly request?: unknown;
}
interface Answered {
  readonly response: unknown;
  readonly output?: unknown;
}
interface Context {
  readonly endpointV2?: { readonly url: URL };
}
interface Stack {
  add(middleware: Middleware, options: { readonly name: string }): void;
  remove(name: string): boolean;
}

/**
 * Makes a client cheaper for an engine on this machine, which verifies no signature: the steps that need not run are removed, and
 * requests and answers on items are written and read as JSON, without the SDK's schemas. Marshalling, retries, errors, binary values
 * and every other operation stay the SDK's own.
 */
export function lightened<C extends DynamoDBClient>(client: C): C {
  const stack = client.middlewareStack as unknown as Stack;
  for (const name of NOT_NEEDED) stack.remove(name);
  const light: Readonly<Record<string, (own: Middleware) => Middleware>> = {
    serializerMiddleware: writing,
    deserializerMiddleware: reading,
  };
  getSchemaSerdePlugin(client.config as never).applyToStack({
    add: (own: Middleware, options: { readonly name: string }) =>
      stack.add(light[options.name]?.(own) ?? own, options),
  } as never);
  return client;
}

const operationOf = (context: Context): string => String(getSmithyContext(context as never)["operation"]);

const writing =
  (own: Middleware): Middleware =>
  (next, context) => {
    const operation = operationOf(context);
    const whole = own((args) => next(unsigned(args)), context);
    if (!ITEM_OPERATIONS.has(operation)) return whole;
    const target = `DynamoDB_20120810.${operation}`;
    return async (args) => {
      const body = JSON.stringify(withToken(operation, args.input));
      const url = context.endpointV2?.url;
      if (url === undefined || BINARY_IN_REQUEST.test(body)) return whole(args);
      const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
      return next(unsigned({ ...args, request: new HttpRequest({ ...placeOf(url), headers, body }) }));
    };
  };

/** A transaction that is sent again takes effect once. */
const withToken = (operation: string, input: object): object =>
  operation === "TransactWriteItems" ? { ClientRequestToken: randomUUID(), ...input } : input;

const reading =
  (own: Middleware): Middleware =>
  (next, context) => {
    if (!ITEM_OPERATIONS.has(operationOf(context))) return own(next, context);
    return async (args) => {
      const answered = await next(args);
      const { statusCode, headers, body } = answered.response as {
        readonly statusCode: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: unknown;
      };
      const text = statusCode === 200 && Buffer.isBuffer(body) ? body.toString("utf8") : undefined;
      if (text === undefined || BINARY_IN_ANSWER.test(text)) return own(async () => answered, context)(args);
      const $metadata = { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] };
      return { ...answered, output: { ...JSON.parse(text), $metadata } };
    };
  };

/** Gives a request the headers that the removed steps would have added and an engine asks for. */
function unsigned(args: Args): Args {
  const request = args.request as HttpRequest;
  const { body, headers } = request;
  const length = typeof body === "string" || body instanceof Uint8Array ? Buffer.byteLength(body) : 0;
  request.headers = { ...headers, "content-length": String(length), ...PLACEHOLDER_SIGNATURE };
  return args;
}

const places = new WeakMap<URL, object>();

/** The part of a request that the endpoint determines. */
function placeOf(url: URL): object {
  const known = places.get(url);
  if (known !== undefined) return known;
  const { protocol, hostname, port, pathname } = url;
  const place = {
    ...{ method: "POST", protocol, hostname, path: pathname.replace(/\/?$/, "/") },
    ...(port === "" ? {} : { port: Number(port) }),
  };
  places.set(url, place);
  return place;
}
