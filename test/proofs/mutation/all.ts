import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ROOM_NAMES } from "./rooms.ts";

/** `npm run mutation:all`: plays every room, one after the other, and exits with 1 if one of them stays below its threshold. */
const main = fileURLToPath(new URL("main.ts", import.meta.url));
const below = ROOM_NAMES.filter(
  (room) => spawnSync(process.execPath, [main, room], { stdio: "inherit" }).status !== 0,
);
console.log(below.length === 0 ? "Every room reaches its threshold." : `Below: ${below.join(", ")}`);
process.exitCode = below.length === 0 ? 0 : 1;
