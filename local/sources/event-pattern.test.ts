import { expect, test } from "vitest";
import { patternTest } from "./event-pattern.ts";

const EVENT = {
  source: "shop.orders",
  "detail-type": "Order placed",
  detail: { total: 250, customer: { name: "ACME" }, tags: ["new", "large"], note: null, express: true },
};

test.each([
  [{ source: ["shop.orders"] }, true],
  [{ source: ["shop"] }, false],
  [{ source: [{ prefix: "shop." }], "detail-type": [{ suffix: "placed" }] }, true],
  [{ source: [{ wildcard: "shop.*rs" }] }, true],
  [{ source: [{ wildcard: "shop*order" }] }, false],
  [{ source: [{ wildcard: "shopx*" }] }, false],
  [{ detail: { tags: ["large"] } }, true],
  [{ detail: { tags: ["small"] } }, false],
  [{ detail: { customer: { name: [{ "equals-ignore-case": "acme" }] } } }, true],
  [{ detail: { total: [{ numeric: [">", 100, "<=", 250] }] } }, true],
  [{ detail: { total: [{ numeric: [">", 250] }] } }, false],
  [{ detail: { total: ["250"] } }, false],
  [{ detail: { express: [true], note: [null] } }, true],
  [{ detail: { refund: [{ exists: false }], total: [{ exists: true }] } }, true],
  [{ detail: { refund: { by: [{ exists: true }] } } }, false],
  [{ source: [{ "anything-but": ["aws.s3", { prefix: "aws." }] }] }, true],
  [{ source: [{ "anything-but": { prefix: "shop" } }] }, false],
  [{ detail: { refund: [{ "anything-but": "x" }] } }, false],
])("%j: %s", (pattern, matches) => {
  expect(patternTest(pattern)(EVENT)).toBe(matches);
});

test.each([
  [{}],
  [{ source: "shop" }],
  [{ $or: [{ source: ["a"] }] }],
  [{ detail: { ip: [{ cidr: "10.0.0.0/8" }] } }],
  [{ detail: { total: [{ numeric: [">"] }] } }],
  [{ source: [{ prefix: "a", suffix: "b" }] }],
])("%j is refused", (pattern) => {
  expect(() => patternTest(pattern)).toThrow(/pattern/);
});
