import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: { count: { type: "string" }, seed: { type: "string" }, path: { type: "string" } },
});
const count = Number(values.count ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
/** Requests per environment. Blocked steps must not reach Lambda's timeout of 15 minutes. */
const PART = 4_000;
console.log(`${count} requests, seed ${seed}`);

// The handlers' logs are not of interest.
const errors: string[] = [];
const write = process.stdout.write.bind(process.stdout);
console.info = console.debug = () => undefined;
console.error = (...lines) => errors.push(lines.map(String).join(" "));

try {
  const byStatus = new Map<number, number>();
  let [sent, accepted] = [0, 0];
  for (let part = 0; part * PART < count; part += 1) {
    const before = sent;
    const tally = await fuzz({
      ...{ count: Math.min(PART, count - before), seed: seed + part },
      ...(values.path === undefined ? {} : { path: values.path }),
      progress: (inPart) => {
        if (inPart % 500 === 0) write(`${before + inPart} sent\n`);
      },
    });
    sent += tally.sent;
    accepted += tally.accepted;
    for (const [status, times] of tally.byStatus) byStatus.set(status, (byStatus.get(status) ?? 0) + times);
    if (values.path !== undefined) break;
  }
  const statuses = [...byStatus].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
  write(`No failure in ${sent} requests; ${accepted} accepted by the schemas. ${statuses.join(", ")}\n`);
} catch (error) {
  write(`${error instanceof Error ? error.message : error}\n`);
  for (const line of errors.slice(-5)) write(`${line}\n`);
  process.exitCode = 1;
}
