import type { AwsCall, Invocation } from "../harness/proof-stack.ts";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** Functions that only tell others, and items that no operation of a schedule writes: their calls race with nothing. */
const ASIDE_FUNCTIONS = new Set(["sluice-publish-changes", "sluice-warning", "sluice-read"]);
const ASIDE_ITEMS = /^(MEMBER|SETTINGS|WORKSPACE)/;

/** Whether an invocation, or a call of one, is let through at once. */
export const standsAside = ({ functionName }: Invocation, call?: AwsCall): boolean =>
  ASIDE_FUNCTIONS.has(functionName) ||
  (call !== undefined && ASIDE_ITEMS.test(String(field(field(call.input, "Key"), "SK"))));

/** The key of the item that a call is about, where it is about one. */
export const itemOf = ({ input }: AwsCall): { PK: string; SK: string } | undefined => {
  const key = field(input, "Key") ?? field(input, "Item");
  return key === undefined ? undefined : { PK: String(field(key, "PK")), SK: String(field(key, "SK")) };
};

/** The mark of the operation that a request, or a delivery of the test's, is part of. */
export const MARK = "x-operation";
export const markOf = ({ event }: Invocation): string | undefined => {
  const mark = field(field(event, "headers"), MARK) ?? field(event, "delivery");
  return typeof mark === "string" ? mark : undefined;
};

/** Whether it is a call of the API. */
export const isRequest = ({ event }: Invocation): boolean => field(event, "routeKey") !== undefined;

const RUN_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const UNIQUE_ID = /[-#][a-z2-7]{16}(?=[-# ]|$)/g;

/** Words for calls and invocations: the same each time that a schedule is played, so no id or time is in them. */
export class Labels {
  readonly #runs = new Map<string, string>();

  of(invocation: Invocation, call?: AwsCall): string {
    return this.#plain(call === undefined ? ofInvocation(invocation) : ofCall(call));
  }

  run(execution: string): string {
    return this.#plain(execution);
  }

  #plain(text: string): string {
    return text.replaceAll(UNIQUE_ID, "").replaceAll(RUN_ID, (id) => {
      const name = this.#runs.get(id) ?? `run ${this.#runs.size + 1}`;
      this.#runs.set(id, name);
      return name;
    });
  }
}

const ofInvocation = (invocation: Invocation): string => {
  const { functionName, event } = invocation;
  const mark = markOf(invocation);
  const about = [
    field(field(event, "detail"), "name"),
    ...["execution", "state", "path", "kind"].map((name) => field(event, name)),
  ].filter((part) => typeof part === "string" && part !== "");
  return [...(mark === undefined ? [] : [`#${mark}`]), functionName.slice("sluice-".length), ...about].join(
    " ",
  );
};

const ofCall = (call: AwsCall): string => {
  const { operation, input } = call;
  const writes = field(input, "TransactItems");
  if (Array.isArray(writes)) {
    const items = writes.flatMap((write: object) =>
      Object.entries(write).map(
        ([kind, what]) => `${kind} ${ofKey(field(what, "Key") ?? field(what, "Item"))}`,
      ),
    );
    return `${operation} ${items.join(", ")}`;
  }
  const item = itemOf(call);
  if (item !== undefined) return `${operation} ${ofKey(item)}`;
  const values = field(input, "ExpressionAttributeValues");
  if (values === undefined)
    return `${operation} ${String(field(input, "Name") ?? field(input, "name") ?? "")}`.trim();
  return `${operation} ${ofKey({ PK: field(values, ":partition"), SK: field(values, ":prefix") ?? "" })}`;
};

/** An item by its workspace's part of the key, and the kind of the sort key. */
const ofKey = (key: unknown): string =>
  `${String(field(key, "PK")).replace(/^W#demo#?/, "")} ${String(field(key, "SK"))
    .replace(/#.*/, "")
    .replace(/^\d{4}-.*/, "")}`.trim();
