import * as z from "zod";
import { SluiceError } from "./errors.ts";
import { digest } from "./ids.ts";

/**
 * A place in a list. It names the position, not the item that stood there, so it stays good when that vanishes;
 * and the list that it belongs to, since in another it would mean something else.
 */
const cursorSchema = z.strictObject({
  v: z.literal(1),
  list: z.string(),
  at: z
    .string()
    .max(500)
    .refine((text) => text.isWellFormed()),
});

/** Positions in lists of runs: a time and, since many share it, the run's id. */
export const POSITION_IN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f-]{36}$/;

const listName = (parts: readonly unknown[]): string => digest("list", JSON.stringify(parts));

/** `list`: what makes it this list, filters included. */
export const writeCursor = (list: readonly unknown[], at: string): string =>
  Buffer.from(JSON.stringify({ v: 1, list: listName(list), at })).toString("base64url");

const bad = (message: string): SluiceError =>
  new SluiceError("invalid_request", `cursor: ${message}`, { errors: [{ path: "cursor", message }] });

/**
 * The position, or undefined without a cursor. Throws `invalid_request` for one that this list did not give, or whose position
 * has not the form that the list's have.
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
    throw bad("Is not a cursor of this API");
  }
  const parsed = cursorSchema.safeParse(value);
  if (!parsed.success) throw bad("Is not a cursor of this API");
  if (parsed.data.list !== listName(list)) throw bad("Belongs to another list: begin again without it");
  if (form?.test(parsed.data.at) === false) throw bad("Is not a cursor of this API");
  return parsed.data.at;
};
