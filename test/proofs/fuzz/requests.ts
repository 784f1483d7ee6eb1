import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { BULK_ACTIONS } from "../../../shared/model/bulk.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { ATTENTION_STATUSES, RUN_STATUSES } from "../../../shared/model/transitions.ts";
import { brokenDefinitions, validDefinitions } from "./definitions.ts";
import { fromSchema, type Known } from "./from-schema.ts";
import { CALLERS, type CallerName, type Names } from "./fuzz-environment.ts";
import { jsonText, mutated, NASTY_TEXTS } from "./nasty.ts";
import { components, type Described, describedOperations } from "./operation-schemas.ts";

/** A request as it is sent. Ids are chosen among the existing resources when it is sent: `@runId:3`. */
export interface FuzzRequest {
  readonly described: Described;
  readonly caller: CallerName;
  readonly method: string;
  readonly path: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string | readonly string[]])[];
  readonly body: Buffer | undefined;
}

const slug = fc.stringMatching(/^[a-z][a-z0-9]{2,8}$/);
const pick = (kind: keyof Names): fc.Arbitrary<string> => fc.nat(99).map((index) => `@${kind}:${index}`);

/** Fields whose schema is less specific than their meaning. */
const known = (names: { readonly broken: boolean }): Known => ({
  definition: (names.broken ? brokenDefinitions : validDefinitions) as fc.Arbitrary<Json>,
  flowId: pick("flowId"),
  startedBy: fc.constantFrom("operator", "admin", "machine"),
  pausedBy: fc.constantFrom("user", "flow", "operator"),
  runIds: fc.uniqueArray(pick("runId"), { minLength: 1, maxLength: 3 }),
  cursor: pick("cursor"),
  createdAfter: fc.constantFrom("2025-01-01T00:00:00Z", "2026-01-31T12:00:00+02:00"),
  finishWithin: fc.constantFrom("PT1S", "PT2H", "P14D"),
  every: fc.constantFrom("PT1S", "PT1M", "P1D"),
  canaryWithin: fc.constantFrom("PT1S", "PT1H", "P14D"),
  schedule: fc.constantFrom("rate(1 day)", "cron(0 9 ? * MON-FRI *)", "at(2030-01-31T09:00:00)"),
  timezone: fc.constantFrom("UTC", "Europe/Berlin"),
  from: fc.constantFrom("start", "failed-step", "work", "slow", "none"),
  // Mostly values that match nothing, so that bulk operations do not affect the whole environment each time.
  filter: fc.constantFrom<Json>(
    { flowId: "none" },
    { flowId: "plain", status: ["failed"] },
    { startedBy: "nobody" },
  ),
  action: fc.constantFrom(...BULK_ACTIONS),
  admins: fc.constant(["admin"]),
});
const inQuery: Known = {
  ...known({ broken: false }),
  status: fc.subarray([...ATTENTION_STATUSES], { minLength: 1 }).map((statuses) => statuses.join(",")),
  limit: fc.integer({ min: 1, max: 200 }),
  include: fc.constant("waiting"),
  attributes: fc.dictionary(
    fc.oneof(
      fc.constant("attribute.customer"),
      fc.stringMatching(/^attribute\.[A-Za-z_][A-Za-z0-9_-]{0,39}$/),
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
    { maxKeys: 3 },
  ),
};

const parameter = (name: string, writes: boolean): fc.Arbitrary<string> => {
  if (name === "workspace") return fc.constant("demo");
  if (name === "flowId" || name === "viewId" || name === "userId")
    return fc.oneof({ weight: writes ? 2 : 5, arbitrary: pick(name) }, { weight: 1, arbitrary: slug });
  if (name === "triggerId") return slug;
  if (name === "runId" || name === "bulkId" || name === "version") return pick(name);
  return pick("steps");
};

const pathOf = ({ operation }: Described): fc.Arbitrary<string[]> =>
  fc.tuple(
    ...operation.path
      .slice(1)
      .split("/")
      .map((segment) => {
        const name = /^\{(\w+)\}$/.exec(segment)?.[1];
        return name === undefined ? fc.constant(segment) : parameter(name, operation.method === "PUT");
      }),
  );

/** A parameter that is an object stands for its fields, each a parameter of its own: `style: form`, `explode`. */
const entries = (query: Json): [string, string][] =>
  isJsonObject(query)
    ? Object.entries(query).flatMap(([name, value]) =>
        isJsonObject(value) ? entries(value) : [[name, String(value)] as [string, string]],
      )
    : [];

const headersOf = ({ requestHeader }: Described): fc.Arbitrary<[string, string][]> => {
  if (requestHeader === undefined) return fc.constant([]);
  const value =
    requestHeader === "If-Match"
      ? fc.oneof(
          fc.nat(6).map((rev) => `"${rev}"`),
          fc.constant("*"),
        )
      : fc.stringMatching(/^[a-zA-Z0-9-]{1,20}$/);
  return fc
    .option(value, { nil: undefined })
    .map((given) => (given === undefined ? [] : [[requestHeader, given]]));
};

const caller: fc.Arbitrary<CallerName> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<CallerName>("admin") },
  { weight: 4, arbitrary: fc.constant<CallerName>("operator") },
  { weight: 4, arbitrary: fc.constantFrom(...CALLERS) },
);

interface Draft {
  readonly request: Omit<FuzzRequest, "body">;
  readonly json: Json | undefined;
}
const draft = (described: Described, broken: boolean): fc.Arbitrary<Draft> => {
  const { operation, body, query } = described;
  return fc
    .record({
      caller: operation.permission === "manage-workspaces" ? fc.constant<CallerName>("platform") : caller,
      path: pathOf(described),
      query: fromSchema(query, components, inQuery).map(entries),
      headers: headersOf(described),
      json:
        body === undefined
          ? fc.constant(undefined)
          : fromSchema(body, components, known({ broken })).map((value) => oneOfTwo(operation.id, value)),
    })
    .map(({ json, ...parts }) => ({ json, request: { described, method: operation.method, ...parts } }));
};

/** A rule that the JSON Schema does not express: a bulk operation has either a filter or ids. */
const oneOfTwo = (id: string, value: Json): Json => {
  if (id !== "startBulkOperation" || !isJsonObject(value)) return value;
  const { filter, runIds, ...rest } = value;
  if (filter !== undefined) return { ...rest, filter };
  return { ...rest, ...(runIds === undefined ? { filter: { flowId: "none" } } : { runIds }) };
};

const JSON_BODY = ["content-type", "application/json"] as const;
const withBody = ({ request, json }: Draft): FuzzRequest => ({
  ...request,
  headers: json === undefined ? request.headers : [JSON_BODY, ...request.headers],
  body: json === undefined ? undefined : Buffer.from(jsonText(json)),
});

/** Bodies that are not the JSON text that they should be. */
const SPOILT: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text.slice(0, -1)),
  (text) => Buffer.from(`﻿${text}`),
  (text) => Buffer.from(text, "utf16le"),
  (text) => gzipSync(text),
  (text) =>
    Buffer.concat([
      Buffer.from(text.slice(0, 2)),
      Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
      Buffer.from(text.slice(2)),
    ]),
  (text) => Buffer.from(`${text}${text}`),
  (text) => Buffer.from(`[${text}]`),
  () => Buffer.alloc(0),
  () => Buffer.from(" \n\t"),
  () => Buffer.from("null"),
  () => Buffer.from('"text"'),
  () => Buffer.from(`{${Array.from({ length: 30_000 }, (_, index) => `"field${index}":0`).join(",")}}`),
  () => Buffer.from(`{"${"long".repeat(500_000)}":0}`),
  () => Buffer.from(`{"reason":"${"x".repeat(5 * 1024 * 1024)}"}`),
  () => Buffer.from('{"__proto__":{"reason":"x"}}'),
  (text) => Buffer.from(text.replace(/"/g, "'")),
  (text) => Buffer.from(text.replace(/:/, ":NaN,")),
];
const ODD_HEADERS: readonly (readonly [string, string | readonly string[]])[] = [
  ["content-type", "text/plain"],
  ["content-type", "application/json; charset=utf-16"],
  ["content-type", "multipart/form-data; boundary=x"],
  ["content-type", "__proto__"],
  ["content-encoding", "gzip"],
  ["if-match", ['"1"', '"2"']],
  ["if-match", 'W/"1"'],
  ["if-match", "99999999999999999999"],
  ["if-match", '"-1"'],
  ["if-match", ""],
  ["idempotency-key", ["a", "b"]],
  ["idempotency-key", ""],
  ["idempotency-key", "k".repeat(256)],
  ["idempotency-key", "\u00e9\u00ff"],
  ["idempotency-key", "__proto__"],
  ["authorization", "Bearer x.y.z"],
  ["authorization", "Basic YTpi"],
  ["x-http-method-override", "DELETE"],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-local-caller", "sluice-gate"],
  ["accept", "text/html"],
  ["cookie", "sluice=1"],
];
const ODD_SEGMENTS = [
  ...[
    "..",
    ".",
    "%2e%2e",
    "%2F",
    "a%2Fb",
    "%00",
    "%ff",
    "%",
    "%zz",
    "%E2%80%AE",
    "%F0%9F%98%80",
    "%ED%A0%80",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "x".repeat(4_000),
    "UPPER",
    "a;b",
    "a%20b",
    "-",
    "*",
    "{flowId}",
    "@",
  ],
  ...["00000000-0000-0000-0000-000000000000", "0", "-1", "1e3", "999999999999"],
];
const ODD_QUERIES: readonly (readonly [string, string])[] = [
  ...NASTY_TEXTS.filter((text) => text.length < 4_000 && text.isWellFormed()).flatMap((text) => [
    ["cursor", text] as const,
    ["limit", text] as const,
  ]),
  ["__proto__", "x"],
  ["constructor", "x"],
  ["limit", "0"],
  ["limit", "201"],
  ["limit", "9".repeat(50)],
  ["limit", "１２"],
  ["cursor", Buffer.from('{"__proto__":1}').toString("base64url")],
  ["cursor", Buffer.from('["W#other#R","x"]').toString("base64url")],
  ["status", ",,,"],
  ["status", RUN_STATUSES.join(",").repeat(9)],
  ["flowId", "a".repeat(1_001)],
  ["createdAfter", "yesterday"],
  ["createdAfter", "9999-12-31T23:59:59.999+00:00"],
  ["createdAfter", "0000-01-01T00:00:00Z"],
  ["error", "(a+)+$"],
];

const spoilt = (valid: Draft): fc.Arbitrary<FuzzRequest> => {
  const whole = withBody(valid);
  const text = jsonText(valid.json ?? {});
  const options: fc.Arbitrary<FuzzRequest>[] = [
    fc.constantFrom(...ODD_HEADERS).map((header) => ({
      ...whole,
      headers: [...whole.headers.filter(([name]) => name.toLowerCase() !== header[0]), header],
    })),
    fc.tuple(fc.constantFrom(...ODD_SEGMENTS), fc.nat()).map(([segment, at]) => ({
      ...whole,
      path: whole.path.map((old, index) =>
        index === 2 + (at % Math.max(1, whole.path.length - 2)) ? segment : old,
      ),
    })),
    fc.constantFrom(...ODD_QUERIES).map((pair) => ({ ...whole, query: [...whole.query, pair] })),
    fc
      .constantFrom("PATCH", "OPTIONS", "DELETE", "POST", "PUT", "PROPFIND")
      .map((method) => ({ ...whole, method })),
    fc.constantFrom(...SPOILT).map((spoil) => ({ ...whole, body: spoil(text) })),
  ];
  if (valid.json === undefined) return fc.oneof(...options);
  const changed = mutated(valid.json).map(
    (json): FuzzRequest => ({ ...whole, body: Buffer.from(jsonText(json)) }),
  );
  return fc.oneof({ weight: 8, arbitrary: changed }, ...options);
};

/** Requests to every call of the API: three quarters as its description requires, the rest with one change. */
export const requests: fc.Arbitrary<FuzzRequest> = fc
  .constantFrom(...describedOperations)
  .chain((described) =>
    fc.oneof(
      { weight: 14, arbitrary: draft(described, false).map(withBody) },
      { weight: 1, arbitrary: draft(described, true).map(withBody) },
      { weight: 5, arbitrary: draft(described, false).chain(spoilt) },
    ),
  );

/** The same with the names of existing resources. */
export const resolved = (request: FuzzRequest, names: Names): FuzzRequest => {
  let step: readonly [string, string] | undefined;
  const named = (text: string): string =>
    text.replace(
      /@(flowId|runId|userId|viewId|bulkId|version|cursor|steps):(\d+)/g,
      (_match, kind: keyof Names, index: string) => {
        if (kind !== "steps") {
          const of = names[kind];
          return String(of[Number(index) % Math.max(1, of.length)] ?? "none");
        }
        step ??= names.steps[Number(index) % Math.max(1, names.steps.length)];
        return step?.[1] ?? "none";
      },
    );
  const path = request.path.map(named);
  const [run] = step ?? [];
  return {
    ...request,
    // A step belongs to one run.
    path:
      run === undefined
        ? path
        : path.map((segment, index) => (path[index - 1] === "runs" && index === 4 ? run : segment)),
    query: request.query.map(([name, value]) => [name, named(value)] as const),
    body: request.body === undefined ? undefined : substituted(request.body, named),
  };
};

const substituted = (body: Buffer, named: (text: string) => string): Buffer =>
  body.includes("@") &&
  body.length < 100_000 &&
  body.toString("utf8").isWellFormed() &&
  !body.toString("utf8").includes("\ufffd")
    ? Buffer.from(named(body.toString("utf8")))
    : body;

/** Formats a request so that it can be sent again manually. */
export const shown = (request: FuzzRequest): JsonObject => ({
  call: request.described.operation.id,
  caller: request.caller,
  request: `${request.method} /${request.path.join("/").slice(0, 500)}`,
  query: request.query.map(([name, value]) => `${name}=${value}`.slice(0, 200)),
  headers: request.headers.map(([name, value]) => `${name}: ${value}`.slice(0, 200)),
  body: request.body?.toString("utf8").slice(0, 600) ?? "",
});
