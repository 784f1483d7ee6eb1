import type { Client } from "../../shared/client/operations.ts";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { flowText } from "../show/flow.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Pace, showProgress } from "./progress.ts";

const isOver = ({ canary, draining, ramp }: Flow): boolean =>
  canary?.state !== "running" && draining === null && ramp === undefined;

/**
 * Follows a resumed flow until its canary is over, its queued records have started and its ramp is over.
 * @returns endedBadly if the flow is paused again while records are still queued
 */
export const followDrain = async (api: Client, terminal: Terminal, flowId: string): Promise<ExitCode> => {
  let last: Flow | undefined;
  await showProgress(terminal, "Starting queued records", async function* (interrupted) {
    const pace = new Pace();
    let most = 0;
    let left = -1;
    for (;;) {
      last = await api.getFlow({ flowId });
      const remaining = last.draining?.remaining ?? 0;
      most = Math.max(most, remaining);
      const { canary } = last;
      if (canary?.state === "running") {
        yield { done: canary.through, of: canary.count, note: "runs of the canary are through" };
        if (!(await pace.next(canary.through !== left, interrupted))) return;
        left = canary.through;
        continue;
      }
      const rate = last.ramp === undefined ? "" : `, ${last.ramp.rate} a second`;
      yield { done: most - remaining, of: most, note: `${remaining} left${rate}` };
      if (isOver(last)) return;
      if (!(await pace.next(remaining !== left, interrupted))) return;
      left = remaining;
    }
  });
  const flow = last;
  if (flow === undefined) return EXIT.unexpected;
  terminal.result(flow, () => flowText(flow, terminal.paint));
  if (!isOver(flow)) {
    terminal.say(`Queued records continue to start. To stop: sluice flows pause ${flowId}`);
    return EXIT.interrupted;
  }
  return flow.status === "active" ? EXIT.ok : EXIT.endedBadly;
};
