import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { EXPLAINED_NAMES } from "./error-tables.ts";
import { GENERATED_PAGES } from "./pages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

it.each(GENERATED_PAGES)("docs/$path is up to date: npm run docs", ({ url, update }) => {
  const page = readFileSync(url, "utf8");
  expect(update(page)).toBe(page);
});

it("the page of errors explains every error name that the code can raise, and no other", () => {
  const sources = ["shared", "functions"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(root, folder, file), "utf8")),
  );
  const raised = sources.flatMap((text) =>
    [...text.matchAll(/"((?:Sluice|States)\.[A-Z]\w+)"/g)].map(([, name]) => name),
  );
  const own = [...new Set(raised)].filter((name) => name?.startsWith("Sluice."));
  expect(EXPLAINED_NAMES.filter((name) => name.startsWith("Sluice.")).sort()).toEqual(own.sort());
});
