import { describe, expect, it } from "vitest";
import type { Flow } from "../../../../../shared/model/schemas/flow.ts";
import { capOf, type Hold, holdName, holdText, holdTitle } from "./hold-title.ts";

const flow = {
  caps: { throughput: { limit: 100, per: "hour" }, spend: { limit: 10, period: "month" } },
  meters: { spend: { used: 12, windowStart: "2026-11-01T00:00:00.000Z" } },
} as Flow;
const nameOf = (id: string): string => (id === "ada" ? "Ada Lovelace" : id);
const SINCE = "2026-11-29T08:00:00.000Z";
const holdOf = (kind: string, more: Partial<Hold> = {}): Hold => ({
  ...{ holdId: "0123456789abcdef", mode: "queue", since: SINCE, by: "ada", ...more },
  kind: kind as Hold["kind"],
});

describe("the title, the text and the name of a hold", () => {
  it.each([
    [
      holdOf("manual", { reason: "printer" }),
      "Paused by Ada Lovelace",
      "Paused by Ada Lovelace: printer",
      "Manual pause",
    ],
    [
      holdOf("manual", { steps: ["Charge", "Refund"] }),
      "Charge, Refund held by Ada Lovelace",
      "Charge, Refund held by Ada Lovelace",
      "Hold on Charge, Refund",
    ],
    [
      holdOf("throughput"),
      "Throughput cap reached: 100 per hour",
      "Throughput cap reached: 100 per hour",
      "Pause by the throughput cap",
    ],
    [
      holdOf("spend"),
      "Spend cap reached: 12 of 10 per month",
      "Spend cap reached: 12 of 10 per month",
      "Pause by the spend cap",
    ],
    [
      holdOf("errors", { reason: "20 runs failed in a minute" }),
      "20 runs failed in a minute",
      "20 runs failed in a minute",
      "Pause by the error cap",
    ],
    [
      holdOf("incident", { reason: "Bank is down" }),
      "Held by an incident: Bank is down",
      "Held by an incident: Bank is down",
      "Hold of an incident",
    ],
    [
      holdOf("incident", { reason: "Bank is down", steps: ["Charge"] }),
      "Charge held by an incident: Bank is down",
      "Charge held by an incident: Bank is down",
      "Hold of an incident on Charge",
    ],
  ])("%j", (hold, title, text, name) => {
    expect([holdTitle(flow, hold, nameOf), holdText(flow, hold, nameOf), holdName(hold)]).toEqual([
      title,
      text,
      name,
    ]);
  });

  it("a kind that this console does not know yet is named as the service names it, not as a cap", () => {
    const hold = holdOf("maintenance", { by: "system" });
    expect(holdTitle(flow, hold, nameOf)).toBe("Held by system (maintenance)");
    expect(holdName(hold)).toBe("Hold of the kind maintenance");
    expect(capOf(hold)).toBeUndefined();
  });

  it("names the cap of a cap's hold only", () => {
    const kinds = ["manual", "throughput", "spend", "errors", "incident"] as const;
    expect(kinds.map((kind) => capOf({ kind }))).toEqual([
      undefined,
      "throughput",
      "spend",
      "errors",
      undefined,
    ]);
  });
});
