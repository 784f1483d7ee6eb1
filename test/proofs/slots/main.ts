import { type LimitOutcome, playLimit } from "./play-limit.ts";

/**
 * Plays concurrency limits at their full size: `npm run slots`. First 500 records for five slots from 20 callers, with the stack killed
 * twice; then 50 customers with two slots each, one of whom has 400 records. `npm run slots -- kills` or `-- customers` plays one of them.
 */
const fail = (message: string): void => {
  console.log(`WRONG: ${message}`);
  process.exitCode = 1;
};

const checkRuns = ({ runs }: LimitOutcome, records: number): void => {
  if (new Set(runs.map(({ runId }) => runId)).size !== records) fail("a record has no run of its own");
  if (runs.some(({ status }) => status !== "completed")) fail("a run did not complete");
};

const playKills = async (): Promise<void> => {
  const customers = Array.from({ length: 500 }, () => "one");
  const one = await playLimit({
    ...{ limit: 5, callers: 20, customers, byCustomer: false, kills: 2, longest: 200 },
  });
  console.log(`500 records, 5 slots, 2 kills: ${one.most} under way at once, ${one.seconds} s`);
  if (one.most > 5) fail("more runs than slots were under way");
  checkRuns(one, 500);
};

const playCustomers = async (): Promise<void> => {
  const others = Array.from({ length: 49 }, (_, n) => `customer ${n}`);
  const customers = [...Array.from({ length: 400 }, () => "large"), ...others, ...others];
  const many = await playLimit({
    ...{ limit: 2, callers: 20, customers, byCustomer: true, kills: 0, longest: 100 },
  });
  const last = (of: (customer: string) => boolean) =>
    Math.max(...many.runs.filter(({ customer }) => of(customer)).map(({ end }) => end));
  const ahead = (last((name) => name === "large") - last((name) => name !== "large")) / 1_000;
  console.log(`50 customers, 2 slots each: ${many.most} of one under way at once, ${many.seconds} s`);
  console.log(`The others ended ${ahead} s before the last of the customer with 400 records`);
  if (many.most > 2) fail("more runs of a customer than slots were under way");
  if (ahead <= 0) fail("a customer was held up by another");
  checkRuns(many, customers.length);
};

const [, , part] = process.argv;
if (part !== "customers") await playKills();
if (part !== "kills") await playCustomers();
