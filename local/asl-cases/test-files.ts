import { fileURLToPath } from "node:url";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const more = process.env["ASL_CASES"];

/** The case files that the tests run: the repository's own, and the one that the variable `ASL_CASES` names. */
export const CASE_FILES: readonly { readonly name: string; readonly file: string }[] = [
  { name: "the language", file: at("../step-functions/conformance.cases.json") },
  { name: "recordings of the service", file: at("recorded.cases.json") },
  ...(more === undefined ? [] : [{ name: more, file: more }]),
];
