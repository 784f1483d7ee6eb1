import { expect, it } from "vitest";
import { openApiDocument } from "../../shared/model/api/openapi.ts";
import { lintDocument, unreadableParts } from "./lint.ts";

type Document = ReturnType<typeof openApiDocument>;
const changed = (change: (document: Document) => void): Document => {
  const document = structuredClone(openApiDocument());
  change(document);
  return document;
};

it("the API's description has no problem", async () => {
  expect(await lintDocument(openApiDocument())).toEqual([]);
  expect(unreadableParts(openApiDocument())).toEqual([]);
});

it.each<[string, (document: Document) => void, RegExp]>([
  ["a missing license", ({ info }) => delete info.license, /info-license/],
  ["no server", (document) => Object.assign(document, { servers: [] }), /no-empty-servers/],
  [
    "a reference to nothing",
    ({ components }) => delete components?.schemas?.["Problem"],
    /no-unresolved-refs/,
  ],
  [
    "a path parameter that is not described",
    ({ paths }) =>
      Object.assign(paths ?? {}, { "/x/{y}": { get: { responses: { "200": { description: "" } } } } }),
    /path-parameters-defined/,
  ],
  [
    "a schema that does not fit the specification",
    ({ components }) => Object.assign(components?.schemas ?? {}, { X: { type: "texts" } }),
    /struct/,
  ],
])("finds %s", async (_name, change, expected) => {
  expect((await lintDocument(changed(change))).join("\n")).toMatch(expected);
});

it("finds what generators cannot read", () => {
  const schemas = { __schema0: { type: "string", pattern: "^\\p{L}$" } };
  expect(unreadableParts({ components: { schemas } })).toEqual(["__schema0", "\\\\p{L}"]);
});

it("describes the answers of API Gateway itself", () => {
  for (const [path, methods] of Object.entries(openApiDocument().paths ?? {}))
    for (const [method, { responses = {}, security }] of Object.entries(methods)) {
      expect(Object.keys(responses), `${method} ${path}`).toContain("431");
      // HTTP APIs cannot change the body of a 401.
      const refused = security?.length === 0 ? undefined : Object.keys(responses["401"].content);
      expect(refused, `${method} ${path}`).toEqual(security?.length === 0 ? undefined : ["application/json"]);
    }
});
