import { createConfig, lintFromString } from "@redocly/openapi-core";

/**
 * Checks an OpenAPI document against the specification and the recommended rules of the linter. Returns one line for each problem.
 */
export const lintDocument = async (document: object): Promise<string[]> => {
  const config = await createConfig({ extends: ["recommended"] });
  const source = JSON.stringify(document);
  const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
  return problems.map(
    ({ ruleId, message, location: [at] }) =>
      `${at === undefined || !("pointer" in at) ? "" : at.pointer} ${ruleId}: ${message}`,
  );
};

/** Constructs that code generators cannot read: names that the schema library made up, and patterns that need a flag. */
export const unreadableParts = (document: object): string[] =>
  JSON.stringify(document).match(/__schema\d+|\\\\p\{[^}]*\}/g) ?? [];
