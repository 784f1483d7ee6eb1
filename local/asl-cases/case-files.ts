import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A larger file of recorded cases, where there is one. */
const more = process.env["ASL_CASES"] ?? at("../../../../shared/asl-cases/cases.json");

/** The files of cases that the tests run. */
export const CASE_FILES = [
  { name: "the language", file: at("../step-functions/conformance.cases.json"), absent: false },
  { name: "recordings of the service", file: at("recorded.cases.json"), absent: false },
  { name: "more recordings (set ASL_CASES)", file: more, absent: !existsSync(more) },
] as const;
