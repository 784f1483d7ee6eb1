import type { Bulk } from "../../shared/model/schemas/bulk.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Api } from "../http/api.ts";
import { path } from "../http/path.ts";
import { bulkText } from "../show/bulk.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Pace } from "./polling.ts";
import { showProgress } from "./progress.ts";

/** Follows a bulk operation to its end. Ctrl-C leaves it running and says how to go on. */
export const followBulk = async (api: Api, terminal: Terminal, begun: Bulk): Promise<ExitCode> => {
  let bulk = begun;
  const target = path`/bulk-operations/${begun.bulkId}`;
  await showProgress(terminal, `Bulk ${begun.action}`, async function* (interrupted) {
    const pace = new Pace();
    let before = 0;
    for (;;) {
      const { succeeded, skipped, failed, matched } = bulk;
      const done = succeeded + skipped + failed;
      yield { done, of: matched, note: `${skipped} skipped, ${failed} failed` };
      if (bulk.status !== "running") return;
      if (!(await pace.next(done !== before, interrupted))) return;
      before = done;
      bulk = await api.get<Bulk>(target);
    }
  });
  terminal.result(bulk, () => bulkText(bulk));
  if (bulk.status === "running") {
    terminal.say(
      `It goes on. Follow it: sluice bulk status ${bulk.bulkId} --watch. Stop it: sluice bulk stop ${bulk.bulkId}`,
    );
    return EXIT.interrupted;
  }
  return bulk.status === "completed" && bulk.failed === 0 ? EXIT.ok : EXIT.endedBadly;
};
