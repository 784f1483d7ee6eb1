import { stateInName } from "../../model/machines/task-events.ts";
import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { humanKind, sluiceField } from "../parse/sluice-field.ts";
import { isGenerated } from "./generated-names.ts";

const OWN_FUNCTION = /-(gate|park):ws-/;

/** Rejects what gates cannot do in an attached flow. */
export function checkAttachable(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    const { at, name, body } = state;
    if (isGenerated(name) && stateInName(name) !== undefined && OWN_FUNCTION.test(JSON.stringify(body))) {
      report(at, "This state is a gate: the definition already has gates. Use the definition without them.");
    }
    if (humanKind(state) !== undefined) {
      report(
        `${at}.Resource`,
        "An attached flow cannot have approvals or forms. Use a Task with .waitForTaskToken, or publish the flow to Sluice.",
      );
    }
    if (sluiceField(state).gate === "inline") {
      report(
        `${at}.Sluice.Gate`,
        'An attached flow cannot have inline gates, because they cannot prove their workspace. Use "before".',
      );
    }
    if (sluiceField(state).requires.length > 0) {
      report(
        `${at}.Sluice.Requires`,
        "Runs of an attached flow have no running user whose permissions could be checked. Remove Requires.",
      );
    }
  }
}
