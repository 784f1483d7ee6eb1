import type { Client } from "../../shared/client/operations.ts";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { flowText } from "../show/flow.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Pace, showProgress } from "./progress.ts";

/**
 * Follows a resumed flow until its queued records have started.
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
      yield { done: most - remaining, of: most, note: `${remaining} left` };
      if (last.draining === null) return;
      if (!(await pace.next(remaining !== left, interrupted))) return;
      left = remaining;
    }
  });
  const flow = last;
  if (flow === undefined) return EXIT.unexpected;
  terminal.result(flow, () => flowText(flow, terminal.paint));
  if (flow.draining !== null) {
    terminal.say(`Queued records continue to start. To stop: sluice flows pause ${flowId}`);
    return EXIT.interrupted;
  }
  return flow.status === "active" ? EXIT.ok : EXIT.endedBadly;
};
