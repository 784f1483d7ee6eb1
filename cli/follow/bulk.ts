import type { Client } from "../../shared/client/operations.ts";
import type { Bulk } from "../../shared/model/schemas/bulk.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { bulkText } from "../show/bulk.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Pace, showProgress } from "./progress.ts";

/** Follows a bulk operation to its end. Ctrl-C leaves it running and says how to follow or stop it. */
export const followBulk = async (api: Client, terminal: Terminal, started: Bulk): Promise<ExitCode> => {
  let bulk = started;
  const { bulkId } = started;
  await showProgress(terminal, `Bulk ${started.action}`, async function* (interrupted) {
    const pace = new Pace();
    let before = 0;
    for (;;) {
      const { succeeded, skipped, failed, matched } = bulk;
      const done = succeeded + skipped + failed;
      yield { done, of: matched, note: `${skipped} skipped, ${failed} failed` };
      if (bulk.status !== "running") return;
      if (!(await pace.next(done !== before, interrupted))) return;
      before = done;
      bulk = await api.getBulkOperation({ bulkId });
    }
  });
  terminal.result(bulk, () => bulkText(bulk));
  if (bulk.status === "running") {
    terminal.say(
      `The operation continues. To follow it: sluice bulk status ${bulkId} --watch. To stop it: sluice bulk stop ${bulkId}`,
    );
    return EXIT.interrupted;
  }
  return bulk.status === "completed" && bulk.failed === 0 ? EXIT.ok : EXIT.endedBadly;
};
