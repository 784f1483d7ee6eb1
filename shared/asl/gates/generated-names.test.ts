import { expect, it } from "vitest";
import { generateNames } from "./generated-names.ts";

it("returns readable names, the same one for the same role", () => {
  const names = generateNames(["Charge"]);
  expect(names.of("gate", "Charge")).toBe("Sluice gate - Charge");
  expect(names.of("gate", "Charge")).toBe("Sluice gate - Charge");
  expect(names.of("closed")).toBe("Sluice closed");
  expect(names.generated).toEqual(["Sluice gate - Charge", "Sluice closed"]);
});

it("avoids the user's names", () => {
  const names = generateNames(["Sluice gate - A", "Sluice gate 2 - A"]);
  expect(names.of("gate", "A")).toBe("Sluice gate 3 - A");
});

it("keeps long and non-ASCII names distinct, in ASCII and within 80 characters", () => {
  const subjects = ["ü", "ö", "x".repeat(80), `${"x".repeat(79)}y`, "a/b", "a:b"];
  const names = generateNames(subjects);
  const given = subjects.map((subject) => names.of("gate after pause", subject));
  expect(new Set(given).size).toBe(subjects.length);
  for (const name of given) expect(name).toMatch(/^[A-Za-z0-9 _.-]{1,80}$/);
});
