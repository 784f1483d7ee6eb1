import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";

/**
 * Behavior that DynamoDB may show at any time and an emulator hardly ever does. Numbers without a unit mean that every nth
 * matching call is affected, so that a failing test fails again.
 */
export interface Hardness {
  /** Maximum items per page: DynamoDB ends a page at 1 MB. */
  readonly pageSize?: number;
  /** A query begins with an empty page that has a key to continue from. */
  readonly emptyPages?: number;
  /** Only half of a batch is processed. */
  readonly unprocessed?: boolean;
  /** Reads without strong consistency return the item as it was before its last write. */
  readonly staleReads?: boolean;
  /** Indexes do not show writes of the last milliseconds. */
  readonly indexLag?: number;
  readonly transactionConflicts?: number;
  readonly throttles?: number;
}

/** The kinds of hardness that suites are run under, by name. */
export const HARDNESS = {
  "short pages": { pageSize: 2 },
  "empty pages": { emptyPages: 1 },
  "unprocessed keys": { unprocessed: true },
  "stale reads": { staleReads: true },
  "late indexes": { indexLag: 400 },
  "transaction conflicts": { transactionConflicts: 3 },
  throttles: { throttles: 19 },
} as const satisfies Readonly<Record<string, Hardness>>;

/** A proxy in front of an engine with DynamoDB's protocol. */
export interface HardEngine {
  readonly endpoint: string;
  /** Calls whose response was changed. */
  readonly hits: number;
  close(): Promise<void>;
}

export const startHardEngine = async (engine: URL, hardness: Hardness): Promise<HardEngine> => {
  const proxy = new HardProxy(engine, hardness);
  const server = createServer((request, response) => void proxy.serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy does not listen");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get hits() {
      return proxy.hits;
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
};

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}
const failure = (name: string, more: JsonObject = {}): Answer => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "A fault of the test", ...more },
});

class HardProxy {
  hits = 0;
  readonly #engine: URL;
  readonly #hardness: Hardness;
  /** Queries that got an empty page: the real start of the next page, by the key that they were given. */
  readonly #rewinds: { readonly query: JsonObject; readonly key: Json; readonly from: Json | undefined }[] =
    [];
  /** Items before their last write, by table and key; undefined if there was none. */
  readonly #before = new Map<string, { readonly item: Json | undefined; readonly at: number }>();
  #transactions = 0;
  #queries = 0;
  #calls = 0;

  constructor(engine: URL, hardness: Hardness) {
    this.#engine = engine;
    this.#hardness = hardness;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    const text = Buffer.concat(chunks).toString();
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => FORWARDED.test(name)),
    ) as Record<string, string>;
    const send = async (op: string, body: JsonObject): Promise<Answer> => {
      const target = String(headers["x-amz-target"]).replace(operation, op);
      const answer = await fetch(this.#engine, {
        method: "POST",
        headers: { ...headers, "x-amz-target": target },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as JsonObject };
    };
    try {
      const body = text === "" ? {} : (JSON.parse(text) as JsonObject);
      const answer = await this.#answer(operation, body, send);
      const json = JSON.stringify(answer.body);
      response.writeHead(answer.status, {
        "content-type": "application/x-amz-json-1.0",
        "content-length": Buffer.byteLength(json),
      });
      response.end(json);
    } catch {
      response.destroy();
    }
  }

  async #answer(operation: string, body: JsonObject, send: Send): Promise<Answer> {
    const { throttles, transactionConflicts: conflicts, unprocessed } = this.#hardness;
    if (throttles !== undefined && IS_DATA.test(operation)) {
      this.#calls += 1;
      if (this.#calls % throttles === 0) return this.#hit(failure("ProvisionedThroughputExceededException"));
    }
    if (operation === "TransactWriteItems" && conflicts !== undefined) {
      this.#transactions += 1;
      if (this.#transactions % conflicts === 0) return this.#hit(conflict(body));
    }
    if (unprocessed && operation.startsWith("Batch")) return this.#half(operation, body, send);
    if (operation === "Query") return this.#query(body, send);
    await this.#remember(operation, body, send);
    const isStale = this.#hardness.staleReads && body["ConsistentRead"] !== true;
    if (operation === "GetItem" && isStale) return this.#stale(body, send);
    return send(operation, body);
  }

  async #query(body: JsonObject, send: Send): Promise<Answer> {
    const { pageSize, emptyPages, indexLag } = this.#hardness;
    const { Limit: limit, ExclusiveStartKey: from, ...query } = body;
    const asked = typeof limit === "number" ? limit : Number.POSITIVE_INFINITY;
    const most = Math.min(asked, pageSize ?? Number.POSITIVE_INFINITY);
    if (most < asked) this.hits += 1;
    const limited = most === Number.POSITIVE_INFINITY ? {} : { Limit: most };
    const rewind = this.#rewinds.findIndex((one) => isDeepStrictEqual([one.query, one.key], [query, from]));
    if (rewind >= 0) {
      const [found] = this.#rewinds.splice(rewind, 1);
      const again = found?.from === undefined ? {} : { ExclusiveStartKey: found.from };
      return this.#late(await send("Query", { ...query, ...limited, ...again }), query, indexLag);
    }
    this.#queries += 1;
    if (emptyPages !== undefined && this.#queries % emptyPages === 0) {
      const first = await send("Query", { ...body, Limit: 1 });
      const key = first.body["LastEvaluatedKey"];
      if (key !== undefined) {
        this.#rewinds.push({ query, key, from });
        const { Items: _items, ...rest } = first.body;
        return this.#hit({ ...first, body: { ...rest, Items: [], Count: 0, ScannedCount: 1 } });
      }
    }
    return this.#late(await send("Query", { ...body, ...limited }), query, indexLag);
  }

  /** Removes recent writes from an index's page. */
  #late(answer: Answer, query: JsonObject, lag: number | undefined): Answer {
    const items = answer.body["Items"];
    if (lag === undefined || query["IndexName"] === undefined || !Array.isArray(items)) return answer;
    const now = performance.now();
    const shown = items.filter((item) => {
      const written = this.#before.get(keyText(query["TableName"], item));
      return written === undefined || now - written.at > lag;
    });
    if (shown.length < items.length) this.hits += 1;
    return { ...answer, body: { ...answer.body, Items: shown, Count: shown.length } };
  }

  async #half(operation: string, body: JsonObject, send: Send): Promise<Answer> {
    const requests = body["RequestItems"];
    const left = operation === "BatchGetItem" ? "UnprocessedKeys" : "UnprocessedItems";
    if (!isJsonObject(requests)) return send(operation, body);
    const done: JsonObject = {};
    const rest: JsonObject = {};
    for (const [table, asked] of Object.entries(requests)) {
      const keys = isJsonObject(asked) ? asked["Keys"] : asked;
      if (!Array.isArray(keys)) return send(operation, body);
      const half = Math.ceil(keys.length / 2);
      const part = (some: readonly Json[]): Json =>
        isJsonObject(asked) ? { ...asked, Keys: [...some] } : [...some];
      done[table] = part(keys.slice(0, half));
      if (half < keys.length) rest[table] = part(keys.slice(half));
    }
    const answer = await send(operation, { ...body, RequestItems: done });
    if (Object.keys(rest).length === 0) return answer;
    return this.#hit({ ...answer, body: { ...answer.body, [left]: rest } });
  }

  /** Keeps the items that a write is about to change. */
  async #remember(operation: string, body: JsonObject, send: Send): Promise<void> {
    if (!this.#hardness.staleReads && this.#hardness.indexLag === undefined) return;
    for (const { TableName, Key } of writtenKeys(operation, body)) {
      const before = await send("GetItem", { TableName, Key, ConsistentRead: true });
      this.#before.set(keyText(TableName, Key), { item: before.body["Item"], at: performance.now() });
    }
  }

  async #stale(body: JsonObject, send: Send): Promise<Answer> {
    const known = this.#before.get(keyText(body["TableName"], body["Key"]));
    if (known === undefined) return send("GetItem", body);
    return this.#hit({ status: 200, body: known.item === undefined ? {} : { Item: known.item } });
  }

  #hit(answer: Answer): Answer {
    this.hits += 1;
    return answer;
  }
}

type Send = (operation: string, body: JsonObject) => Promise<Answer>;
/** The operation, the type and the signature. */
const FORWARDED = /^(x-amz-.*|content-type|authorization)$/;
const IS_DATA = /^(Get|Put|Update|Delete|Query|Batch|Transact).*(Item|Items|Query)$|^Query$/;

const conflict = (body: JsonObject): Answer => {
  const items = body["TransactItems"];
  const reasons = Array.isArray(items)
    ? items.map((_item, index) => (index === 0 ? CONFLICT : { Code: "None" }))
    : [];
  return failure("TransactionCanceledException", { CancellationReasons: reasons });
};
const CONFLICT = { Code: "TransactionConflict", Message: "Transaction is ongoing for the item" };

interface WrittenKey extends JsonObject {
  readonly TableName: Json;
  readonly Key: Json;
}

const writtenKeys = (operation: string, body: JsonObject): WrittenKey[] => {
  if (operation === "TransactWriteItems") {
    const items = body["TransactItems"];
    return (Array.isArray(items) ? items : []).flatMap((item) =>
      Object.values(isJsonObject(item) ? item : {}).flatMap((write) => keysOf(write)),
    );
  }
  return /^(Put|Update|Delete)Item$/.test(operation) ? keysOf(body) : [];
};

const keysOf = (write: Json): WrittenKey[] => {
  if (!isJsonObject(write)) return [];
  const { TableName, Key, Item } = write;
  const of = Key ?? Item;
  if (TableName === undefined || !isJsonObject(of)) return [];
  const { PK, SK } = of;
  return PK === undefined || SK === undefined ? [] : [{ TableName, Key: { PK, SK } }];
};

const keyText = (table: Json | undefined, key: Json | undefined): string => {
  const { PK, SK } = isJsonObject(key) ? key : {};
  return JSON.stringify([table, PK, SK]);
};
