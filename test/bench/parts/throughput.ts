import { floorStack } from "../bench-stack.ts";
import type { FloorRequest } from "../floors.ts";
import { lambdaFlow } from "../flows.ts";
import type { Bench, Line } from "../report.ts";
import { median } from "../statistics.ts";

const FLOW = "echo";
const CALLERS = 8;
const ROUNDS = 5;

/** So many calls a second, by eight callers at once, in rounds by turns with the bare calls at the same concurrency. */
export const bench: Bench = async ({ quick }) => {
  const { admin, close } = await floorStack();
  try {
    await admin.publish(FLOW, lambdaFlow(1, "echo"));
    const { runId } = await admin.dispatch(FLOW, {});
    await admin.untilStatus(runId, "completed", 60);
    const count = quick ? 40 : 400;
    const floor = (op: FloorRequest["op"]) => (n: number) =>
      admin.expect([200], "POST", "/v1/floor", { op, workspace: admin.workspace, flowId: FLOW, runId, n });
    const line = async (op: FloorRequest["op"], call: (n: number) => Promise<unknown>): Promise<Line> => {
      const rounds: { own: number; bare: number }[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const bare = await rate(count, floor(op));
        rounds.push({ own: await rate(count, call), bare });
      }
      return {
        ...{ name: `${op}, ${CALLERS} at once`, value: median(rounds.map(({ own }) => own)), unit: "/s" },
        floor: median(rounds.map(({ bare }) => bare)),
      };
    };
    return [
      await line("get", () => admin.run(runId)),
      await line("dispatch", () => admin.dispatch(FLOW, {})),
    ];
  } finally {
    await close();
  }
};

const rate = async (count: number, call: (n: number) => Promise<unknown>): Promise<number> => {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await call(next);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (count * 1_000) / (performance.now() - began);
};
