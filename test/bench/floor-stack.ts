/** A local stack with an additional function that makes the floors' calls, through the same gateway and in the same process. */
import { compose } from "../../local/sluice/compose.ts";
import { localDependencies } from "../../local/sluice/own-handlers.ts";
import { buildStack } from "../../local/stack/stack.ts";
import { type FloorRequest, floor } from "./floors.ts";

const FLOOR_FUNCTION = "sluice-bench-floor";

const [data, functions] = process.argv.slice(2);
if (data === undefined || functions === undefined) throw new Error("Usage: floor-stack.ts DATA FUNCTIONS");
let created: ReturnType<typeof localDependencies> | undefined;
const createDependencies = () => {
  created ??= localDependencies();
  return created;
};
const parts = compose(createDependencies);
const stack = await buildStack(
  { port: 0, data, functions },
  {
    ...parts,
    functions: {
      ...parts.functions,
      [FLOOR_FUNCTION]: async (event) => {
        const { body } = event as { body?: string };
        // The gateway passes the request as the body, an invocation as the event.
        const answer = await floor(
          await createDependencies(),
          (body === undefined ? event : JSON.parse(body)) as FloorRequest,
        );
        return body === undefined ? answer : { statusCode: 200, body: JSON.stringify(answer) };
      },
    },
    routes: [...parts.routes, { method: "POST", path: "/v1/floor", function: FLOOR_FUNCTION, auth: true }],
  },
);
process.on("SIGTERM", async () => {
  await stack.close();
  process.exit(0);
});
process.stdout.write(`Sluice is ready: ${stack.url}\n`);
