import { SluiceError } from "./errors.ts";
import { digest } from "./ids.ts";
import { isJsonObject } from "./json/json.ts";

/**
 * A cursor names a position in a list, not the item that was there, so it stays valid when that item is deleted. It also names
 * its list, since the position has another meaning in another list.
 */
interface Cursor {
  readonly v: 1;
  readonly list: string;
  readonly at: string;
}
const MAX_POSITION_LENGTH = 500;

const isCursor = (value: unknown): value is Cursor =>
  isJsonObject(value) &&
  Object.keys(value).length === 3 &&
  value["v"] === 1 &&
  typeof value["list"] === "string" &&
  typeof value["at"] === "string" &&
  value["at"].length <= MAX_POSITION_LENGTH &&
  value["at"].isWellFormed();

/** A position in a list of runs: a time and, since many runs share it, the run's id. */
export const POSITION_IN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36}$/;

const listName = (parts: readonly unknown[]): string => digest("list", JSON.stringify(parts));

/** Returns the cursor of a position. `list` identifies the list: its kind, its workspace and its filters. */
export const writeCursor = (list: readonly unknown[], at: string): string =>
  Buffer.from(JSON.stringify({ v: 1, list: listName(list), at } satisfies Cursor)).toString("base64url");

const invalid = (message: string): SluiceError =>
  new SluiceError("invalid_request", `cursor: ${message}`, { errors: [{ path: "cursor", message }] });
const NOT_A_CURSOR = "Is not a cursor of this API";

/**
 * Returns the cursor's position, or undefined without a cursor. Throws `invalid_request` for a cursor of another list, or one whose
 * position does not match `form`.
 */
export const readCursor = (
  list: readonly unknown[],
  cursor: string | undefined,
  form?: RegExp,
): string | undefined => {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw invalid(NOT_A_CURSOR);
  }
  if (!isCursor(value)) throw invalid(NOT_A_CURSOR);
  if (value.list !== listName(list)) throw invalid("Belongs to another list. Start again without a cursor");
  if (form?.test(value.at) === false) throw invalid(NOT_A_CURSOR);
  return value.at;
};
