import { SluiceError } from "../../shared/model/errors.ts";
import { isJsonObject, type JsonObject } from "../../shared/model/json/json.ts";
import type { HttpEvent } from "./http-event.ts";

/** Above it a body is refused unread: 5 MiB. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

const notJson = (detail: string, cause?: unknown): SluiceError =>
  new SluiceError("invalid_request", detail, { errors: [{ path: "", message: detail }] }, cause);

const bytesOf = (event: HttpEvent): Buffer =>
  Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");

/**
 * The body as a JSON object, whatever its Content-Type says; undefined when there is none.
 * Throws `payload_too_large` beyond 5 MiB, `invalid_request` when it is not UTF-8, not JSON or no object.
 */
export const readBody = (event: HttpEvent): JsonObject | undefined => {
  const bytes = bytesOf(event);
  if (bytes.length > MAX_BODY_BYTES)
    throw new SluiceError("payload_too_large", "The body is larger than 5 MiB");
  let value: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.trim() === "") return undefined;
    value = JSON.parse(text);
  } catch (error) {
    throw notJson("The body is not JSON in UTF-8", error);
  }
  if (!isJsonObject(value)) throw notJson("The body must be a JSON object");
  return value;
};
