import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { default as addFormats } from "ajv-formats";
import { expect, test } from "vitest";

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), "utf8");

test("the example event of the page matches the schema file; one without rev does not", () => {
  const ajv = addFormats.default(new Ajv2020());
  const fits = ajv.compile(JSON.parse(read("events.schema.json")));
  const example = /```json\n(\{\n {2}"version"[\s\S]*?)\n```/.exec(read("events.md"))?.[1];
  const event = JSON.parse(example ?? "");
  expect(fits(event), JSON.stringify(fits.errors)).toBe(true);
  expect(fits({ ...event, detail: { ...event.detail, rev: undefined } })).toBe(false);
});
