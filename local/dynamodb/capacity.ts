import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { isJsonObject } from "../../shared/model/json/json.ts";

export interface CapacityUnits {
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** The operations that consume capacity, with the kind of capacity. */
const METERED: Readonly<Record<string, "read" | "write">> = {
  GetItem: "read",
  BatchGetItem: "read",
  TransactGetItems: "read",
  Query: "read",
  Scan: "read",
  PutItem: "write",
  UpdateItem: "write",
  DeleteItem: "write",
  BatchWriteItem: "write",
  TransactWriteItems: "write",
};

export const isMetered = (operation: string): boolean => operation in METERED;

/** The consumed units: those that the answer reports or, for a rejected write, those that DynamoDB bills without reporting. */
export function unitsOf(operation: string, answer: Json | undefined): CapacityUnits {
  if (!isJsonObject(answer)) return { readUnits: 0, writeUnits: 0 };
  const units = reported(answer["ConsumedCapacity"]) ?? refused(answer);
  return METERED[operation] === "read"
    ? { readUnits: units, writeUnits: 0 }
    : { readUnits: 0, writeUnits: units };
}

function reported(consumed: Json | undefined): number | undefined {
  if (consumed === undefined) return undefined;
  const tables = Array.isArray(consumed) ? consumed : [consumed];
  return tables.reduce<number>(
    (sum, table) => sum + numberOf(isJsonObject(table) ? table["CapacityUnits"] : 0),
    0,
  );
}

/**
 * A failed condition is billed by the size of the existing item, with at least one unit; in a transaction, it is billed twice
 * per item. (DynamoDB Developer Guide, "Condition expressions" and "Capacity unit consumption".)
 */
function refused(answer: JsonObject): number {
  const type = String(answer["__type"] ?? "");
  if (type.endsWith("ConditionalCheckFailedException")) return writeUnitsOf(answer["Item"]);
  if (!type.endsWith("TransactionCanceledException")) return 0;
  const reasons = answer["CancellationReasons"];
  if (!Array.isArray(reasons)) return 0;
  return reasons.reduce<number>(
    (sum, reason) => sum + 2 * writeUnitsOf(isJsonObject(reason) ? reason["Item"] : undefined),
    0,
  );
}

const writeUnitsOf = (item: Json | undefined): number => Math.max(1, Math.ceil(itemSize(item) / 1_024));

function itemSize(item: Json | undefined): number {
  if (!isJsonObject(item)) return 0;
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

/** Bytes of one attribute value (DynamoDB Developer Guide, "Item sizes and formats"). */
function valueSize(value: Json): number {
  if (!isJsonObject(value)) return 0;
  const [kind, content] = Object.entries(value)[0] ?? [];
  if (kind === "N") return Math.ceil(String(content).length / 2) + 1;
  if (kind === "B") return Math.floor((String(content).length * 3) / 4);
  if (kind === "M") return 3 + itemSize(content) + (isJsonObject(content) ? Object.keys(content).length : 0);
  if (kind === "L" && Array.isArray(content))
    return content.reduce<number>((sum, member) => sum + 1 + valueSize(member), 3);
  if (Array.isArray(content))
    return content.reduce<number>((sum, member) => sum + Buffer.byteLength(String(member)), 0);
  return kind === "S" ? Buffer.byteLength(String(content)) : 1;
}

const numberOf = (value: Json | undefined): number => (typeof value === "number" ? value : 0);
