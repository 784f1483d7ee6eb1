import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";

/** One item that a request writes. Images and keys are in DynamoDB's own JSON. */
export interface ItemWrite {
  readonly keys: JsonObject;
  readonly kind: "put" | "update" | "delete";
  /** For a put, the whole item. */
  readonly item?: JsonObject;
  /** The request says that there was no such item before. */
  readonly isNew: boolean;
  /** Whether an update's expressions may change the attribute with this name. */
  readonly mentions: (attribute: string) => boolean;
}

const PARTS = { Put: "put", Update: "update", Delete: "delete" } as const;
const OPERATIONS: Readonly<Record<string, ItemWrite["kind"]>> = {
  PutItem: "put",
  UpdateItem: "update",
  DeleteItem: "delete",
};

export const isWrite = (operation: string): boolean =>
  operation in OPERATIONS || operation === "TransactWriteItems" || operation === "BatchWriteItem";

/** Returns the writes that a request makes to the table, whose key attributes are `key`; none for a read. PartiQL is not parsed. */
export function itemWrites(
  operation: string,
  body: JsonObject,
  table: string,
  key: readonly string[],
): ItemWrite[] {
  const kind = OPERATIONS[operation];
  if (kind !== undefined) return body["TableName"] === table ? some(itemWrite(kind, body, key)) : [];
  if (operation === "TransactWriteItems") {
    return list(body["TransactItems"]).flatMap((part) =>
      Object.entries(PARTS).flatMap(([name, kindOfPart]) => {
        const request = object(object(part)[name]);
        return request["TableName"] === table ? some(itemWrite(kindOfPart, request, key)) : [];
      }),
    );
  }
  if (operation === "BatchWriteItem") {
    return list(object(body["RequestItems"])[table]).flatMap((part) => {
      const { PutRequest: put, DeleteRequest: gone } = object(part);
      return [
        ...(isJsonObject(put) ? some(itemWrite("put", put, key)) : []),
        ...(isJsonObject(gone) ? some(itemWrite("delete", gone, key)) : []),
      ];
    });
  }
  return [];
}

function itemWrite(
  kind: ItemWrite["kind"],
  request: JsonObject,
  key: readonly string[],
): ItemWrite | undefined {
  const whole = object(request[kind === "put" ? "Item" : "Key"]);
  const keys = Object.fromEntries(key.map((name) => [name, whole[name] ?? null]));
  if (Object.values(keys).includes(null)) return undefined; // the engine rejects it
  const names = Object.values(object(request["ExpressionAttributeNames"]));
  const text = String(request["UpdateExpression"] ?? "");
  return {
    keys,
    kind,
    ...(kind === "put" ? { item: whole } : {}),
    isNew: String(request["ConditionExpression"] ?? "").includes(`attribute_not_exists(${key[0]})`),
    mentions: (attribute) =>
      names.includes(attribute) ||
      new RegExp(`\\b${attribute}\\b`).test(text) ||
      request["AttributeUpdates"] !== undefined,
  };
}

const some = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
