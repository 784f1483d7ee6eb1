/** DynamoDB's own limit. */
export const MAX_ITEM_BYTES = 400 * 1024;

const utf8 = (text: string): number => Buffer.byteLength(text);

/**
 * Bytes of a value as DynamoDB counts them: names and strings in UTF-8, numbers by their digits, one byte for each entry of a
 * list or map, and three for each list or map itself. (Developer guide, "DynamoDB item sizes and formats".)
 */
const sizeOf = (value: unknown): number => {
  if (typeof value === "string") return utf8(value);
  if (typeof value === "number") return Math.ceil(String(value).replaceAll(/\D/g, "").length / 2) + 2;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Set) return [...value].reduce((sum, one) => sum + sizeOf(one), 0);
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + sizeOf(one), 3);
  if (typeof value === "object" && value !== null) return 3 + itemSize(value) + Object.keys(value).length;
  return 1;
};

export const itemSize = (item: object): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + sizeOf(value), 0);

/** The kind of an item, by its keys: `run`, `step`, `flow`, … with an example of their prefix. */
export const itemKind = ({ PK, SK }: Record<string, unknown>): string => {
  const owner = /^W#[^#]+(#[FRB]#)?/.exec(String(PK))?.[1]?.replaceAll("#", "") ?? "W";
  const part = /#([HCMPQ])#\d+$/.exec(String(PK))?.[1];
  return [owner, part, String(SK).split("#")[0]].filter((one) => one !== undefined).join(" ");
};
