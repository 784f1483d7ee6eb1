import { stateInName } from "../../model/machines/task-events.ts";
import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind, sluiceField } from "../parse/sluice-field.ts";
import { isGenerated } from "./generated-names.ts";

const OWN_FUNCTION = /-(gate|park):ws-/;

/** Rejects what the gates of a state machine that belongs to somebody else cannot do. */
export function checkAttachable(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    const { at, name, body } = state;
    if (isGenerated(name) && stateInName(name) !== undefined && OWN_FUNCTION.test(JSON.stringify(body))) {
      report(at, "This state is a gate: the machine's text already has gates. Give the text without them.");
    }
    if (humanKind(state) !== undefined) {
      report(
        `${at}.Resource`,
        "An approval or a form is not possible in a machine of your own. Use a Task with .waitForTaskToken, or publish the flow to Sluice.",
      );
    }
    if (sluiceField(state).gate === "inline") {
      report(
        `${at}.Sluice.Gate`,
        'An inline gate cannot prove its workspace in a machine of your own. Use "before".',
      );
    }
    if (sluiceField(state).requires.length > 0) {
      report(
        `${at}.Sluice.Requires`,
        "Runs of a machine of your own have no running user whose permissions could be checked. Remove Requires.",
      );
    }
  }
}
