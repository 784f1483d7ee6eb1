import { openApiDocument, operations } from "../../../shared/model/api/openapi.ts";
import type { Operation } from "../../../shared/model/api/operation.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";

const document = JSON.parse(JSON.stringify(openApiDocument())) as JsonObject;
const at = (value: Json | undefined, ...keys: readonly string[]): Json | undefined =>
  keys.reduce<Json | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), value);

export const components = at(document, "components", "schemas") as JsonObject;

/** The API description of one operation. */
export interface Described {
  readonly operation: Operation;
  /** Query parameters as one object's schema. */
  readonly query: JsonObject;
  readonly body: JsonObject | undefined;
  readonly requestHeader: "If-Match" | "Idempotency-Key" | undefined;
  /** Statuses that the description allows. */
  readonly statuses: ReadonlySet<number>;
}

const describe = (operation: Operation): Described => {
  const described = at(document, "paths", operation.path, operation.method.toLowerCase());
  const parameters = at(described, "parameters");
  const named = (Array.isArray(parameters) ? parameters : []).filter(isJsonObject);
  const inQuery = named.filter((parameter) => parameter["in"] === "query");
  const properties = inQuery.map(({ name, schema = {} }) => [String(name), schema]);
  const header = named.find((parameter) => parameter["in"] === "header");
  const body = at(described, "requestBody", "content", "application/json", "schema");
  const requestHeader = header?.["name"];
  return {
    operation,
    query: { type: "object", properties: Object.fromEntries(properties) },
    body: isJsonObject(body) ? body : undefined,
    requestHeader:
      requestHeader === "If-Match" || requestHeader === "Idempotency-Key" ? requestHeader : undefined,
    statuses: new Set(Object.keys(at(described, "responses") as JsonObject).map(Number)),
  };
};

/** Every call of the API as it describes itself, as a client would read it. */
export const describedOperations: readonly Described[] = operations.map(describe);
