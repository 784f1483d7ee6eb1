import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";
import type { IntegrationAnswer } from "../ports/services.ts";

export const answered = (output: Json): IntegrationAnswer => ({ kind: "output", output, settles: false });
export const failed = (error: string, cause: string): IntegrationAnswer => ({
  kind: "failure",
  error,
  cause,
});

/** Returns the parameters as a request. As recorded from the service, null counts as absent. */
export function requestOf(parameters: Json): JsonObject {
  if (!isJsonObject(parameters)) return {};
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null));
}

/** Returns a parameter that is a string in the service's API. Other values are sent as JSON text. */
export const textOf = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
