import type { Flow } from "../../shared/model/schemas/flow.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Api } from "../http/api.ts";
import { flowText } from "../show/flow.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Pace } from "./polling.ts";
import { showProgress } from "./progress.ts";

/**
 * Follows a resumed flow until its queue has been started.
 * @returns endedBadly where a hold stands again with records still queued
 */
export const followDrain = async (api: Api, terminal: Terminal, target: string): Promise<ExitCode> => {
  let last: Flow | undefined;
  await showProgress(terminal, "Starting what has queued", async function* (interrupted) {
    const pace = new Pace();
    let most = 0;
    let left = -1;
    for (;;) {
      last = await api.get<Flow>(target);
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
    terminal.say(`It goes on. Stop it: sluice flows pause ${flow.flowId}`);
    return EXIT.interrupted;
  }
  return flow.status === "active" ? EXIT.ok : EXIT.endedBadly;
};
