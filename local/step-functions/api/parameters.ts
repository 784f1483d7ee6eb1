import { constraint, invalidName, invalidToken } from "../model/errors.ts";

type Body = Readonly<Record<string, unknown>>;

/** The request's members, checked against the constraints of the service's model. */
export class Parameters {
  readonly #body: Body;
  constructor(body: unknown) {
    this.#body = typeof body === "object" && body !== null ? (body as Body) : {};
  }

  has(name: string): boolean {
    return this.#body[name] !== undefined && this.#body[name] !== null;
  }

  raw(name: string): unknown {
    return this.#body[name];
  }

  optional(name: string, max = Number.POSITIVE_INFINITY): string | undefined {
    const value = this.#body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") throw constraint(`'${String(value)}'`, name, "Member must be a string");
    if (value.length > max)
      throw constraint(
        max > 1000 ? "" : `'${value}'`,
        name,
        `Member must have length less than or equal to ${max}`,
      );
    return value;
  }

  required(name: string, max?: number): string {
    const value = this.optional(name, max);
    if (value === undefined) throw constraint("null", name, "Member must not be null");
    if (value === "") throw constraint("''", name, "Member must have length greater than or equal to 1");
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#body[name];
    return typeof value === "boolean" ? value : otherwise;
  }

  /** `maxResults`: 0 and absent mean the default of 100. */
  pageSize(): number {
    const value = this.#body["maxResults"];
    if (typeof value !== "number" || value === 0) return 100;
    if (value < 0)
      throw constraint(`'${value}'`, "maxResults", "Member must have value greater than or equal to 0");
    if (value > 1000)
      throw constraint(`'${value}'`, "maxResults", "Member must have value less than or equal to 1000");
    return value;
  }

  /** The position that a `nextToken` encodes; `kind` rejects tokens of another list. */
  position(kind: string): string | undefined {
    const token = this.optional("nextToken", 3096);
    if (token === undefined) return undefined;
    const text = Buffer.from(token, "base64url").toString();
    if (!text.startsWith(`${kind}|`)) throw invalidToken();
    return text.slice(kind.length + 1);
  }
}

/**
 * Reads one page of a list, and the token of the next. `read` returns at most `limit` entries after a position; `positionOf` returns the
 * position of an entry.
 */
export function readPage<T>(
  parameters: Parameters,
  kind: string,
  read: (position: string | undefined, limit: number) => readonly T[],
  positionOf: (entry: T) => string | number,
): { readonly entries: readonly T[]; readonly next: { readonly nextToken?: string } } {
  const size = parameters.pageSize();
  const found = read(parameters.position(kind), size + 1);
  const entries = found.slice(0, size);
  const last = entries.at(-1);
  const isMore = found.length > size && last !== undefined;
  return { entries, next: isMore ? { nextToken: nextToken(kind, positionOf(last)) } : {} };
}

/** Reads one page of a list that is in the order of names. */
export const readPageByName = <T extends { readonly name: string }>(
  parameters: Parameters,
  kind: string,
  list: (after: string, limit: number) => readonly T[],
) =>
  readPage(
    parameters,
    kind,
    (after = "", limit) => list(after, limit),
    ({ name }) => name,
  );

export const nextToken = (kind: string, position: string | number): string =>
  Buffer.from(`${kind}|${position}`).toString("base64url");

/** Names of machines and executions: 1 to 80 characters, except those that the service rejects. */
export function checkName(name: string): string {
  if (name.length > 80)
    throw constraint(`'${name}'`, "name", "Member must have length less than or equal to 80");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among those rejected.
  if (name === "" || /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name))
    throw invalidName(name);
  return name;
}
