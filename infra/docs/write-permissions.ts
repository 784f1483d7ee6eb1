import { readFileSync, writeFileSync } from "node:fs";
import { withTable } from "./permissions-table.ts";

const page = new URL("../../docs/reference/permissions.md", import.meta.url);
writeFileSync(page, withTable(readFileSync(page, "utf8")));
