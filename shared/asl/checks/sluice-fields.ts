import { COST_DECIMALS, countableCost, MAX_COST } from "../../model/cost.ts";
import { isJsonObject } from "../../model/json/json.ts";
import { MAX_PERMISSION_LENGTH, MAX_PERMISSIONS } from "../../model/limits.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import {
  callsFunction,
  HUMAN_KINDS,
  humanKind,
  SLUICE_RESOURCE,
  sluiceField,
} from "../parse/sluice-field.ts";

const FIELDS = ["Requires", "Cost", "Gate"];

export function checkSluiceFields(machine: Machine, report: Report, warn: (message: string) => void): void {
  const permissions = new Set(machine.all.flatMap((state) => sluiceField(state).requires));
  if (permissions.size > MAX_PERMISSIONS) {
    report(
      "",
      `The flow requires ${permissions.size} permissions, but a user can have at most ${MAX_PERMISSIONS}.`,
    );
  }
  for (const state of machine.all) {
    const { body, at, type } = state;
    const { Resource: resource } = body;
    if (
      typeof resource === "string" &&
      resource.startsWith(SLUICE_RESOURCE) &&
      humanKind(state) === undefined
    ) {
      const known = HUMAN_KINDS.map((kind) => SLUICE_RESOURCE + kind).join(" and ");
      report(`${at}.Resource`, `Unknown resource. Sluice's own resources are ${known}.`);
    }
    if (!Object.hasOwn(body, "Sluice")) continue;
    if (type === "Map" && state.inner.some(({ isChild }) => isChild)) checkMapField(state, report);
    else if (type !== "Task")
      report(
        `${at}.Sluice`,
        `Only a Task or a Distributed Map can have the field Sluice, but this is ${type === "Map" ? "an inline Map" : `a ${type}`}.`,
      );
    else checkField(state, report, warn);
  }
}

/** Checks the field Sluice of a Distributed Map: `{Children: "free"}`. */
function checkMapField({ at, body: { Sluice: field } }: StateNode, report: Report): void {
  if (!isJsonObject(field)) {
    report(`${at}.Sluice`, "Sluice must be an object.");
    return;
  }
  for (const key of Object.keys(field))
    if (key !== "Children")
      report(`${at}.Sluice.${key}`, "Unknown field. On a Distributed Map, Sluice can only contain Children.");
  if (field.Children !== undefined && field.Children !== "free")
    report(`${at}.Sluice.Children`, 'Children must be "free". Leave it out to give the children gates.');
}

function checkField(state: StateNode, report: Report, warn: (message: string) => void): void {
  const at = `${state.at}.Sluice`;
  const field = state.body.Sluice;
  if (!isJsonObject(field)) {
    report(at, "Sluice must be an object.");
    return;
  }
  for (const key of Object.keys(field)) {
    if (!FIELDS.includes(key))
      report(`${at}.${key}`, `Unknown field. Known fields here: ${FIELDS.join(", ")}.`);
  }
  const { Requires: requires, Cost: cost, Gate: gate } = field;
  if (
    requires !== undefined &&
    !(Array.isArray(requires) && requires.every((item) => typeof item === "string" && item !== ""))
  ) {
    report(`${at}.Requires`, "Requires must be an array of permission names.");
  } else if (sluiceField(state).requires.some((name) => name.length > MAX_PERMISSION_LENGTH)) {
    report(
      `${at}.Requires`,
      `The name of a permission can have at most ${MAX_PERMISSION_LENGTH} characters.`,
    );
  }
  if (cost !== undefined && !(typeof cost === "number" && countableCost(cost) === cost))
    report(
      `${at}.Cost`,
      `Cost must be a number from 0 to ${MAX_COST}, with at most ${COST_DECIMALS} decimals.`,
    );
  if (gate !== undefined && gate !== "before" && gate !== "inline" && gate !== "none") {
    report(`${at}.Gate`, `Gate must be "before", "inline" or "none".`);
  }
  if (gate === "none" && (requires !== undefined || cost !== undefined)) {
    report(`${at}.Gate`, 'A step with Requires or Cost needs a gate, so Gate cannot be "none".');
  }
  if (humanKind(state) !== undefined && (gate === "inline" || gate === "none")) {
    report(`${at}.Gate`, 'An approval or form always has a gate before it, so Gate must be "before".');
  }
  if (state.scope.free) {
    if (requires !== undefined)
      report(
        `${at}.Requires`,
        "The children of this Distributed Map have no gates, so Requires cannot be enforced.",
      );
    else warn(`${at}: has no effect, because the children of this Distributed Map have no gates.`);
  } else if (gate === "inline" && state.scope.distributed) {
    warn(`${at}.Gate: has the effect of "before" inside a Distributed Map.`);
  } else if (gate === "inline" && humanKind(state) === undefined) {
    if (!callsFunction(state)) {
      report(`${at}.Gate`, "An inline gate needs a Lambda function that the Task calls and waits for.");
    } else if (cost !== undefined) {
      warn(`${at}.Gate: has the effect of "before", because Cost is metered by a gate before the step.`);
    }
  }
}
