import { audit, recordsOf } from "./audit.ts";

const root = new URL("../..", import.meta.url).pathname;
const found = audit(...recordsOf(root));
for (const line of found) console.error(line);
process.exitCode = found.length === 0 ? 0 : 1;
