import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: { count: { type: "string" }, seed: { type: "string" }, path: { type: "string" } },
});
const count = Number(values.count ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
console.log(`${count} requests, seed ${seed}`);

// What handlers log of each request is not what is looked for.
const errors: string[] = [];
const write = process.stdout.write.bind(process.stdout);
console.info = console.debug = () => undefined;
console.error = (...lines) => errors.push(lines.map(String).join(" "));

try {
  const tally = await fuzz({
    count,
    seed,
    ...(values.path === undefined ? {} : { path: values.path }),
    progress: (sent) => {
      if (sent % 500 === 0) write(`${sent} sent\n`);
    },
  });
  const statuses = [...tally.byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status}: ${times}`);
  write(
    `No failure in ${tally.sent} requests; ${tally.accepted} accepted by the schemas. ${statuses.join(", ")}\n`,
  );
} catch (error) {
  write(`${error instanceof Error ? error.message : error}\n`);
  for (const line of errors.slice(-5)) write(`${line}\n`);
  process.exitCode = 1;
}
