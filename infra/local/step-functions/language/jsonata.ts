import type { Json } from "../../../../shared/model/json.ts";
import { type JsonataScope, StatesError } from "./types.ts";

export async function evaluateJsonata(_template: Json, _scope: JsonataScope, _field: string): Promise<Json> {
  throw new StatesError("States.Runtime", "being written");
}
export function isJsonataString(value: Json): boolean {
  return typeof value === "string" && value.startsWith("{%") && value.endsWith("%}");
}
