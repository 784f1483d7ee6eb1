/**
 * Writes everything that the current code leaves to later releases into a folder of its own. Run it once per release.
 *
 * npm run golden -- 0.2.0
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordRelease } from "./record-release.ts";
import { filesOf, releaseFolder } from "./release.ts";

const [name = ""] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(name)) throw new Error("Say which release: npm run golden -- 0.2.0");
const folder = releaseFolder(name);
if (existsSync(folder)) throw new Error(`${folder} is there: what a release has left behind does not change`);
const files = filesOf(await recordRelease(name));
mkdirSync(folder, { recursive: true });
for (const [file, text] of files) writeFileSync(join(folder, file), text);
console.log(`${folder}: ${[...files].map(([file, text]) => `${file} ${text.length}`).join(", ")}`);
