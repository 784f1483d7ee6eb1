/**
 * `npm run verify -- --url https://api.example.com`: checks a deployed instance through its public API. Exits with 1 if a check
 * fails, and with 2 for wrong usage.
 */
import { parseArgs } from "node:util";
import { Client, tokenFor } from "../harness/clients/client.ts";
import { CHECKS, verify } from "./verify.ts";

const USAGE = `Usage: npm run verify -- --url URL [--workspace demo] [--only CHECK,…] [--patience SECONDS] [--json]
The variable SLUICE_TOKEN contains the access token of an administrator of the workspace. The local stack needs none.
Checks: ${Object.keys(CHECKS).join(", ")}`;
const LOCAL = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/;

const fail = (message: string): never => {
  console.error(`${message}\n${USAGE}`);
  process.exit(2);
};

const read = () => {
  try {
    return parseArgs({
      options: {
        url: { type: "string" },
        workspace: { type: "string", default: "demo" },
        only: { type: "string", default: Object.keys(CHECKS).join(",") },
        patience: { type: "string", default: "60" },
        json: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail((error as Error).message);
  }
};

const { url: given, workspace, only, patience, json } = read();
if (given === undefined || !URL.canParse(given)) fail("--url must be the address of an API.");
const url = String(given).replace(/\/+$/, "");
const checks = only.split(",");
const unknown = checks.find((name) => CHECKS[name] === undefined);
if (unknown !== undefined) fail(`There is no check "${unknown}".`);
if (!/^[1-9]\d{0,3}$/.test(patience)) fail("--patience must be a number of seconds.");

const isLocal = LOCAL.test(url);
const token =
  process.env["SLUICE_TOKEN"] ||
  (isLocal
    ? await tokenFor(url, { user: "admin" }).catch((error: Error) =>
        fail(`${url} gave no token. Is the local stack running? ${error.message}`),
      )
    : fail("SLUICE_TOKEN is not set."));
const verdicts = await verify(new Client(url, token, workspace), {
  checks,
  // A gate on AWS answers within a second or two, even if its function has to start.
  pace: { stepSeconds: isLocal ? 1 : 5, patience: Number(patience) },
  concurrency: 4,
  report: ({ check, ok, seconds, detail = "" }) => {
    if (!json) console.log(`${ok ? "ok  " : "FAIL"}  ${check.padEnd(12)}${seconds} s  ${detail}`.trimEnd());
  },
});
const failed = verdicts.filter(({ ok }) => !ok).length;
const passed = verdicts.length - failed;
console.log(
  json ? JSON.stringify({ passed, failed, checks: verdicts }) : `${passed} passed, ${failed} failed`,
);
process.exitCode = failed === 0 ? 0 : 1;
