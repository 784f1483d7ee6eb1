import type { Machine, StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { checkIntegration } from "./integrations.ts";
import { checkMap } from "./map-fields.ts";
import { checkAtMostOne, template } from "./value-checks.ts";

/** Checks the rules that concern several fields of a state. */
export function checkValues(machine: Machine, report: Report): void {
  const { TimeoutSeconds: deadline } = machine.body;
  if (
    deadline !== undefined &&
    !(typeof deadline === "number" && Number.isInteger(deadline) && deadline > 0)
  ) {
    report("TimeoutSeconds", "TimeoutSeconds must be an integer of at least 1.");
  }
  const labels = new Map<string, string>();
  for (const state of machine.all) {
    if (state.type === "Map") {
      checkMap(state, report);
      checkUniqueLabel(state, labels, report);
    }
    if (state.type === "Task") checkTask(state, report);
    if (state.type === "Wait") checkWait(state, report);
    if (state.type === "Choice" && state.body.Choices === undefined)
      report(state.at, "Choices is missing. Add at least one rule.");
    if (state.type === "Fail") checkFail(state, report);
  }
}

function checkUniqueLabel({ body, at }: StateNode, labels: Map<string, string>, report: Report): void {
  if (typeof body.Label !== "string") return;
  const other = labels.get(body.Label);
  if (other !== undefined)
    report(`${at}.Label`, `Another Map has the same Label (${other}). Rename one of them.`);
  else labels.set(body.Label, at);
}

function checkTask(state: StateNode, report: Report): void {
  const { body, at, language } = state;
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat, Credentials: credentials } = body;
  checkIntegration(state, report);
  checkAtMostOne(body, ["TimeoutSeconds", "TimeoutSecondsPath"], { at, report });
  checkAtMostOne(body, ["HeartbeatSeconds", "HeartbeatSecondsPath"], { at, report });
  if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout) {
    report(`${at}.HeartbeatSeconds`, "HeartbeatSeconds must be smaller than TimeoutSeconds.");
  }
  if (credentials !== undefined && language === "JSONPath")
    template(credentials, { at: `${at}.Credentials`, language, report });
}

function checkWait({ body, at, language }: StateNode, report: Report): void {
  const names = [
    "Seconds",
    "Timestamp",
    ...(language === "JSONPath" ? ["SecondsPath", "TimestampPath"] : []),
  ];
  const given = names.filter((name) => Object.hasOwn(body, name));
  if (given.length !== 1) report(at, `A Wait state needs exactly one of ${names.join(", ")}.`);
}

function checkFail({ body, at }: StateNode, report: Report): void {
  checkAtMostOne(body, ["Error", "ErrorPath"], { at, report });
  checkAtMostOne(body, ["Cause", "CausePath"], { at, report });
}
