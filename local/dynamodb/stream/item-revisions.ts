import { isJsonObject, type JsonObject } from "../../../shared/model/json/json.ts";

/** Number of items kept. For any other item the old image is read from the table before the write. */
const MAX_KNOWN = 20_000;

/** The last written attributes of items from which old images are made. */
export class ItemRevisions {
  readonly #revision: string;
  readonly #attributes: readonly string[];
  readonly #known = new Map<string, JsonObject>();

  constructor({ revision, oldAttributes }: { revision: string; oldAttributes: readonly string[] }) {
    this.#revision = revision;
    this.#attributes = [revision, ...oldAttributes];
  }

  /** Returns the part of the item that its old image contains. */
  part(item: JsonObject): JsonObject {
    return Object.fromEntries(
      this.#attributes.flatMap((name) => {
        const value = item[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  get(keys: JsonObject): JsonObject | undefined {
    return this.#known.get(JSON.stringify(keys));
  }

  note(keys: JsonObject, item: JsonObject): void {
    const text = JSON.stringify(keys);
    this.#known.delete(text);
    this.#known.set(text, this.part(item));
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  forget(keys: JsonObject): void {
    this.#known.delete(JSON.stringify(keys));
  }

  /** Whether `one` was written after `other`. Every item was written after no item. */
  isLater(one: JsonObject | undefined, other: JsonObject | undefined): boolean {
    return this.#number(one) > this.#number(other);
  }

  #number(item: JsonObject | undefined): number {
    const value = item?.[this.#revision];
    return isJsonObject(value) ? Number(value["N"] ?? -1) : -1;
  }
}
