import fc from "fast-check";
import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";

/** Raw JSON text, for which JavaScript has no value. */
class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const NASTY_TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udc00\ud800",
  "‮txt.exe",
  "👩‍👩‍👧‍👦🏳️‍🌈",
  "İıſK",
  "Ω≈ç√∫˜µ≤≥÷",
  "﻿{}",
  "\r\nX-Injected: 1",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "NaN",
  "Infinity",
  "-0",
  "1e400",
  "0x10",
  "null",
  "undefined",
  "../../etc/passwd",
  "%2e%2e%2f",
  "%00",
  "' OR 1=1 --",
  "#a = :b",
  "W#demo#F#flow",
  "$".concat("{jndi:ldap://x}"),
  "{{7*7}}",
  "{% $states.input %}",
  "$.a",
  "<script>alert(1)</script>",
  "2026-02-30T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "+010000-01-01T00:00:00Z",
  "x".repeat(3_000),
  "é".repeat(70_000),
];

const nested = (depth: number): RawJson => new RawJson("[".repeat(depth) + "]".repeat(depth));
const objects = (depth: number): RawJson => new RawJson(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);

/** Values with which some JSON parsers are known to have problems. */
const nastyValues: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NASTY_TEXTS) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 31,
      2 ** 53 + 2,
      -(2 ** 63),
      1e308,
      5e-324,
      [],
      {},
      [[]],
      [null],
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      new RawJson("1e999"),
      new RawJson("-1e999"),
      new RawJson("1".repeat(400)),
      new RawJson("0.".concat("1".repeat(400))),
      new RawJson("-0"),
      new RawJson('{"__proto__":{"polluted":true}}'),
      new RawJson('{"constructor":{"prototype":{"polluted":true}}}'),
      new RawJson('{"a":1,"a":2}'),
      new RawJson('{"toString":null,"valueOf":1,"hasOwnProperty":[]}'),
      new RawJson(`[${"0,".repeat(9_999)}0]`),
      new RawJson('"\\ud800"'),
      new RawJson('{"\\udfff":1}'),
      nested(400),
      nested(600),
      nested(20_000),
      objects(499),
      objects(5_000),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);

const NASTY_KEYS = ["__proto__", "constructor", "toString", "prio", "", "a.b", "$ref", "PK", "payload", "\0"];

/** Returns JSON text, with `RawJson` inserted unchanged. `__proto__` is written like any other name. */
export const jsonText = (value: unknown): string => {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
};

/** Every position in a value, as the keys that lead there. */
const places = (value: unknown, at: readonly string[] = []): string[][] => {
  const children = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [[...at], ...children.slice(0, 50).flatMap(([key, child]) => places(child, [...at, key]))];
};

type Change = (value: unknown) => unknown;
const changedAt = (value: unknown, [key, ...rest]: readonly string[], change: Change): unknown => {
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? changedAt(item, rest, change) : item));
  const members = Object.entries(value as object);
  return Object.fromEntries(
    members.map(([name, member]) => [name, name === key ? changedAt(member, rest, change) : member]),
  );
};

const withMember = (value: unknown, key: string, member: unknown): unknown => {
  if (Array.isArray(value)) return [...value, member];
  if (!isJsonObject(value)) return { [key]: member };
  return Object.fromEntries([...Object.entries(value), [key, member]]);
};
const without = (value: unknown, pick: number): unknown => {
  if (Array.isArray(value)) return value.slice(0, -1);
  if (!isJsonObject(value)) return null;
  const keys = Object.keys(value);
  const gone = keys[pick % Math.max(1, keys.length)];
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone));
};

/** A JSON value with a change at one position: another value, an additional member, a missing one, or many copies. */
export const mutated = (value: Json): fc.Arbitrary<unknown> =>
  fc
    .record({
      place: fc.nat(),
      how: fc.constantFrom("replace", "replace", "add", "drop", "repeat"),
      nasty: nastyValues,
      key: fc.constantFrom(...NASTY_KEYS),
      pick: fc.nat(100),
    })
    .map(({ place, how, nasty, key, pick }) => {
      const all = places(value);
      const change: Change = (old) => {
        if (how === "replace") return nasty;
        if (how === "add") return withMember(old, key, nasty);
        if (how === "drop") return without(old, pick);
        return Array.from({ length: 300 }, () => old);
      };
      return changedAt(value, all[place % all.length] ?? [], change);
    });
