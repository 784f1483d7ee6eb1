import { SluiceError } from "../../shared/model/errors.ts";
import { isJsonObject, type JsonObject } from "../../shared/model/json/json.ts";
import { numberFault } from "../../shared/model/json/json-numbers.ts";
import type { HttpEvent } from "./http-event.ts";

/** 5 MiB. Larger bodies are rejected without being parsed. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

const notJson = (detail: string, cause?: unknown): SluiceError =>
  new SluiceError("invalid_request", detail, { errors: [{ path: "", message: detail }] }, cause);

const bytesOf = (event: HttpEvent): Buffer =>
  Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");

/**
 * Returns the body as a JSON object, whatever its Content-Type is, or undefined if it is empty.
 * Throws `payload_too_large` above 5 MiB, and `invalid_request` if the body is not a JSON object in UTF-8, or contains a number that
 * would be rounded.
 */
export const readBody = (event: HttpEvent): JsonObject | undefined => {
  const bytes = bytesOf(event);
  if (bytes.length > MAX_BODY_BYTES)
    throw new SluiceError("payload_too_large", "The request body is larger than 5 MiB");
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.trim() === "") return undefined;
    value = JSON.parse(text);
  } catch (error) {
    throw notJson("The request body must be JSON in UTF-8", error);
  }
  const fault = numberFault(text);
  if (fault !== undefined)
    throw new SluiceError("invalid_request", `${fault.path}: ${fault.message}`, { errors: [fault] });
  if (!isJsonObject(value)) throw notJson("The request body must be a JSON object");
  return value;
};
