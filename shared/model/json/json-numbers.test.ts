import fc from "fast-check";
import { expect, test } from "vitest";
import { numberFault } from "./json-numbers.ts";

test.each([
  ['{"id": 9007199254740993}', "id"],
  ['{"a":[1,{"b":-9007199254740993}]}', "a[1].b"],
  ['{"a":{"x":"1}"},"b":[[0,"\\"9007199254740993",0.1234567890123456789]]}', "b[0][2]"],
  ['{"\\u0061b":1,"c":{"d":1e400}}', "c.d"],
  ['{"a":{"b":{}},"small":1e-400}', "small"],
  ['{"key\\\\":12345678901234567890}', "key\\"],
  ["9007199254740993", ""],
])("%s is refused at %s", (text, path) => {
  expect(numberFault(text)?.path).toBe(path);
});

test.each([
  '{"id":9007199254740992,"text":"9007199254740993","1e400":1}',
  "[0.1,1.50,-0,0e999999999999,100000000000000000000,1e22,1.7976931348623157e308,5e-324,0.30000000000000004]",
  '"9007199254740993"',
  '["\\\\",1,"\\"",2]',
])("%s passes", (text) => {
  expect(numberFault(text)).toBeUndefined();
});

/** The value as an exact fraction, by integer arithmetic alone. */
const exact = (digits: bigint, power: number): [bigint, bigint] =>
  power >= 0 ? [digits * 10n ** BigInt(power), 1n] : [digits, 10n ** BigInt(-power)];
const isSame = ([a, b]: [bigint, bigint], [c, d]: [bigint, bigint]): boolean => a * d === c * b;

test("a number is refused exactly if JSON.stringify(JSON.parse(…)) changes it", () => {
  const digits = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  fc.assert(
    fc.property(digits, fc.integer({ min: -30, max: 10 }), (whole, power) => {
      const literal = `${whole}e${power}`;
      const [mantissa = "", exponent = "0"] = JSON.stringify(JSON.parse(literal)).split("e");
      const [integer = "", fraction = ""] = mantissa.split(".");
      const back = exact(BigInt(integer + fraction), Number(exponent) - fraction.length);
      const same = isSame(exact(whole, power), back);
      expect(numberFault(`{"n":[${literal}]}`)?.path).toBe(same ? undefined : "n[0]");
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["[9007199254740993]", "is a number that would be rounded to 9007199254740992. Send it as a string."],
  ["[1e400]", "is a number out of range"],
])("the fault of %s says what would happen", (text, message) => {
  expect(numberFault(text)?.message).toBe(message);
});
