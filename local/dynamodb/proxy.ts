import type { IncomingHttpHeaders } from "node:http";
import { isJsonObject, type Json } from "../../shared/model/json/json.ts";
import type { AwsAnswer, AwsEndpoint, AwsRequest } from "../aws/endpoint.ts";
import { jsonErrorAnswer, jsonOperation } from "../aws/json-protocol.ts";
import type { Usage } from "../metering/usage.ts";
import { AwsError } from "../ports/services.ts";
import { isMetered, unitsOf } from "./capacity.ts";
import type { DynamoDbEngine } from "./dynoxide.ts";
import type { TableStream } from "./stream/table-stream.ts";

/** The headers that an engine needs: the operation, the content type and the signature. */
const FORWARDED = [
  "x-amz-target",
  "content-type",
  "authorization",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-content-sha256",
] as const;
const NOT_RETURNED = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "date",
  "x-amz-crc32",
]);

/** Forwards DynamoDB requests to the engine. Calls by Sluice's own functions are metered, and writes go to the table's stream. */
export class DynamoDbProxy implements AwsEndpoint {
  readonly #engine: DynamoDbEngine;
  readonly #usage: Usage;
  readonly #stream: TableStream | undefined;

  constructor(engine: DynamoDbEngine, usage: Usage, stream?: TableStream) {
    this.#engine = engine;
    this.#usage = usage;
    this.#stream = stream;
  }

  readonly operation = jsonOperation;
  readonly errorAnswer = jsonErrorAnswer;

  /** The stream records a write before the engine gets it, so that a crash in between cannot lose it. */
  async handle(operation: string, request: AwsRequest): Promise<AwsAnswer> {
    const write = await this.#stream?.begin(operation, request.body);
    if (write === undefined) return this.#call(operation, request);
    try {
      const answer = await this.#call(operation, request);
      await write.end(answer);
      return answer;
    } catch (error) {
      write.lost();
      throw error;
    }
  }

  async #call(operation: string, request: AwsRequest): Promise<AwsAnswer> {
    const { caller } = request;
    if (caller === undefined || !isMetered(operation)) return this.#forward(request, request.body);
    const { body, asked } = asking(request.body);
    const answer = await this.#forward(request, body);
    const cut = asked === undefined && answer.status < 300 ? withoutReport(answer.body) : undefined;
    if (cut !== undefined) {
      this.#usage.dynamodb(caller, unitsOf(operation, { ConsumedCapacity: cut.report }));
      return { ...answer, body: cut.body };
    }
    const content = parse(answer.body);
    this.#usage.dynamodb(caller, unitsOf(operation, content));
    if (!isJsonObject(content) || asked === "INDEXES" || content["ConsumedCapacity"] === undefined)
      return answer;
    const { ConsumedCapacity: consumed, ...rest } = content;
    const visible = asked === "TOTAL" ? { ...rest, ConsumedCapacity: totals(consumed) } : rest;
    return { ...answer, body: JSON.stringify(visible) };
  }

  async #forward(request: AwsRequest, body: Buffer): Promise<AwsAnswer> {
    const {
      status,
      headers,
      body: content,
    } = await this.#engine.send(forwarded(request.headers), body).catch((error: Error) => {
      const message = `The DynamoDB engine did not answer: ${error.message}`;
      throw new AwsError("InternalServerError", message, 500);
    });
    return { status, headers: returned(headers), body: content };
  }
}

const FIRST_FIELD = Buffer.from('{"ReturnConsumedCapacity":"TOTAL",');
const NAME = Buffer.from('"ReturnConsumedCapacity"');

/** The body with a request for the consumed capacity, and the sender's own setting. */
function asking(body: Buffer): { readonly body: Buffer; readonly asked?: Json | undefined } {
  // Text from the SDK: an object with at least one field, without ReturnConsumedCapacity.
  if (body[0] === 0x7b && body[1] === 0x22 && !body.includes(NAME))
    return { body: Buffer.concat([FIRST_FIELD, body.subarray(1)]) };
  const request = parse(body);
  if (!isJsonObject(request)) return { body };
  const asked = request["ReturnConsumedCapacity"];
  return { body: Buffer.from(JSON.stringify({ ...request, ReturnConsumedCapacity: "INDEXES" })), asked };
}

const REPORT = Buffer.from('"ConsumedCapacity":');
/** The report and the end of the answer. Neither the text of an attribute nor a deeper object looks like this. */
const LAST_FIELD = /^"ConsumedCapacity":(\{[^{}]*\}|\[[^[\]]*\])\}$/;
const COMMA = 0x2c;

/** Cuts the report of the consumed capacity out of an answer of which it is the last field, without parsing the rest. */
function withoutReport(body: string | Buffer): { readonly body: Buffer; readonly report: Json } | undefined {
  if (typeof body === "string") return undefined;
  const start = body.lastIndexOf(REPORT);
  const report = start < 0 ? undefined : LAST_FIELD.exec(body.toString("utf8", start))?.[1];
  if (report === undefined) return undefined;
  const end = body[start - 1] === COMMA ? start - 1 : start;
  return {
    body: Buffer.concat([body.subarray(0, end), Buffer.from("}")]),
    report: JSON.parse(report) as Json,
  };
}

function forwarded(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of FORWARDED) {
    const value = headers[name];
    if (typeof value === "string") kept[name] = value;
  }
  return kept;
}

function returned(headers: AwsAnswer["headers"]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) if (!NOT_RETURNED.has(name)) kept[name] = headers[name] ?? "";
  return kept;
}

/** The answer for a caller that asked for `TOTAL`. */
function totals(consumed: Json | undefined): Json {
  const total = (table: Json): Json =>
    isJsonObject(table)
      ? { TableName: table["TableName"] ?? null, CapacityUnits: table["CapacityUnits"] ?? 0 }
      : table;
  return Array.isArray(consumed) ? consumed.map(total) : total(consumed ?? null);
}

function parse(body: string | Buffer): Json | undefined {
  try {
    return JSON.parse(body.toString()) as Json;
  } catch {
    return undefined;
  }
}
