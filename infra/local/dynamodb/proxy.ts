import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isJsonObject, type Json } from "../../../shared/model/json.ts";
import type { AwsAnswer, AwsEndpoint, AwsRequest } from "../gateway/aws-endpoint.ts";
import { jsonErrorAnswer, jsonOperation } from "../gateway/aws-json.ts";
import { AwsError } from "../ports.ts";
import type { Usage } from "../usage.ts";
import { isMetered, unitsOf } from "./capacity.ts";
import type { DynamoDbEngine } from "./engine.ts";

/** Headers that belong to one connection or that the engine must not act on. */
const NOT_FORWARDED = new Set([
  "host",
  "connection",
  "content-length",
  "accept-encoding",
  "expect",
  "transfer-encoding",
]);
const NOT_RETURNED = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "date",
  "x-amz-crc32",
]);

/** DynamoDB's protocol, handed on to the engine; calls by Sluice's own functions are metered. */
export class DynamoDbProxy implements AwsEndpoint {
  readonly #engine: DynamoDbEngine;
  readonly #usage: Usage;
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  constructor(engine: DynamoDbEngine, usage: Usage) {
    this.#engine = engine;
    this.#usage = usage;
  }

  readonly operation = jsonOperation;
  readonly errorAnswer = jsonErrorAnswer;

  async handle(operation: string, request: AwsRequest): Promise<AwsAnswer> {
    const { caller } = request;
    if (caller === undefined || !isMetered(operation)) return this.#forward(request, request.body);
    const body = parse(request.body);
    if (!isJsonObject(body)) return this.#forward(request, request.body);
    const asked = body["ReturnConsumedCapacity"];
    const metered = Buffer.from(JSON.stringify({ ...body, ReturnConsumedCapacity: "INDEXES" }));
    const answer = await this.#forward(request, metered);
    const content = parse(answer.body);
    this.#usage.dynamodb(caller, unitsOf(operation, content));
    if (!isJsonObject(content) || asked === "INDEXES" || content["ConsumedCapacity"] === undefined)
      return answer;
    const { ConsumedCapacity: consumed, ...rest } = content;
    const visible = asked === "TOTAL" ? { ...rest, ConsumedCapacity: totals(consumed) } : rest;
    return { ...answer, body: JSON.stringify(visible) };
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #forward(request: AwsRequest, body: Buffer): Promise<AwsAnswer> {
    const url = this.#engine.endpoint();
    const secure = url.protocol === "https:";
    const options = {
      method: "POST",
      agent: secure ? this.#https : this.#http,
      headers: { ...keep(request.headers, NOT_FORWARDED), "content-length": body.length },
    };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(
          new AwsError("InternalServerError", `The DynamoDB engine does not answer: ${error.message}`, 500),
        );
      const outgoing = secure ? httpsRequest(url, options) : httpRequest(url, options);
      outgoing.once("error", fail);
      outgoing.once("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.once("error", fail);
        incoming.once("end", () =>
          resolve({
            status: incoming.statusCode ?? 500,
            headers: keep(incoming.headers, NOT_RETURNED),
            body: Buffer.concat(chunks),
          }),
        );
      });
      outgoing.end(body);
    });
  }
}

function keep(headers: IncomingHttpHeaders, without: ReadonlySet<string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !without.has(name)) kept[name] = String(value);
  }
  return kept;
}

/** What a caller who asked for `TOTAL` gets to see. */
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
