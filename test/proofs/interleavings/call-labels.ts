import { visitOf } from "../harness/event-visit.ts";
import type { AwsCall, Invocation } from "../harness/observer.ts";

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** Functions that only report, and items that no operation writes. Their calls cannot race with anything. */
const UNSCHEDULED_FUNCTIONS = new Set(["sluice-publish-changes", "sluice-warning", "sluice-read"]);
const UNSCHEDULED_ITEMS = /^(MEMBER|SETTINGS|WORKSPACE)/;

/** Whether an invocation, or a call of one, passes at once. */
export const isUnscheduled = ({ functionName }: Invocation, call?: AwsCall): boolean =>
  UNSCHEDULED_FUNCTIONS.has(functionName) ||
  (call !== undefined && UNSCHEDULED_ITEMS.test(String(field(field(call.input, "Key"), "SK"))));

/** The key of the item that a call reads or writes, if it is a single one. */
export const itemOf = ({ input }: AwsCall): { PK: string; SK: string } | undefined => {
  const key = field(input, "Key") ?? field(input, "Item");
  return key === undefined ? undefined : { PK: String(field(key, "PK")), SK: String(field(key, "SK")) };
};

/** The header by which a request names the operation that it belongs to. */
export const OPERATION_HEADER = "x-operation";
export const operationOf = ({ event }: Invocation): string | undefined => {
  const operation = field(field(event, "headers"), OPERATION_HEADER) ?? field(event, "delivery");
  return typeof operation === "string" ? operation : undefined;
};

const RUN_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const UNIQUE_ID = /[-#][a-z2-7]{16}(?=[-# ]|$)/g;

/** Labels of calls and invocations. They contain no ids or times, and so are the same in each replay of a schedule. */
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
  const operation = operationOf(invocation);
  const about = [
    field(field(event, "detail"), "name"),
    ...Object.values(visitOf(event) ?? {}),
    ...["path", "kind"].map((name) => field(event, name)),
  ].filter((part) => typeof part === "string" && part !== "");
  return [
    ...(operation === undefined ? [] : [`#${operation}`]),
    functionName.slice("sluice-".length),
    ...about,
  ].join(" ");
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

/** An item's key without the workspace and without ids in the sort key. */
const ofKey = (key: unknown): string =>
  `${String(field(key, "PK")).replace(/^W#demo#?/, "")} ${String(field(key, "SK"))
    .replace(/#.*/, "")
    .replace(/^\d{4}-.*/, "")}`.trim();
