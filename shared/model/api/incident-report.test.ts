import { describe, expect, it } from "vitest";
import type { Incident } from "../schemas/incident.ts";
import { incidentReport, lastedText } from "./incident-report.ts";

const incident: Incident = {
  incidentId: "0198c1e2-0000-7000-8000-000000000000",
  title: "The *payment* provider is down",
  status: "resolved",
  mode: "queue",
  resources: ["charge-card"],
  flows: ["refunds"],
  by: "ann",
  openedAt: "2026-11-29T08:00:00.000Z",
  resumeAt: "2026-12-13T08:00:00.000Z",
  resolvedAt: "2026-11-29T10:05:00.000Z",
  resolvedBy: "ben",
  holds: [
    {
      ...{ flowId: "orders", holdId: "0123456789abcdef", state: "lifted", steps: ["Charge|Card", "Refund"] },
      ...{ unheld: ["Refund"], since: "2026-11-29T08:00:01.000Z" },
      ...{ endedAt: "2026-11-29T10:05:01.000Z", stood: 12 },
    },
    {
      ...{ flowId: "refunds", holdId: "fedcba9876543210", state: "refused" },
      ...{ since: "2026-11-29T08:00:01.000Z", detail: "Another incident holds it" },
    },
  ],
  timeline: [
    { at: "2026-11-29T08:00:00.000Z", event: "opened", by: "ann", text: "The payment provider is down" },
    {
      at: "2026-11-29T08:00:01.000Z",
      event: "held",
      by: "ann",
      flowId: "orders",
      steps: ["Charge|Card", "Refund"],
    },
    { at: "2026-11-29T09:00:00.000Z", event: "noted", by: "ann", text: "They say\n<b>two</b> hours" },
    { at: "2026-11-29T10:05:00.000Z", event: "resolved", by: "ben", heldSeconds: 7_500 },
    {
      at: "2026-11-29T10:05:01.000Z",
      event: "lifted",
      by: "ben",
      flowId: "orders",
      stood: 12,
      heldSeconds: 7_500,
    },
  ],
};

describe("the report of an incident", () => {
  it("says what was held, who did what, how many runs stood and for how long", () => {
    expect(incidentReport(incident)).toBe(`# Incident: The \\*payment\\* provider is down

- Status: resolved
- Holds: the steps that call charge-card; the flows refunds
- Opened: 2026-11-29 08:00:00 UTC by ann
- Resolved: 2026-11-29 10:05:00 UTC by ben, after 2 h 5 min
- Id: 0198c1e2-0000-7000-8000-000000000000

## Flows

| Flow | Holds | State | From | Until | Runs that stood |
| --- | --- | --- | --- | --- | --- |
| orders | Charge\\|Card, Refund (without a gate: Refund) | lifted | 2026-11-29 08:00:01 UTC | 2026-11-29 10:05:01 UTC | 12 |
| refunds | the whole flow | not held yet: Another incident holds it | 2026-11-29 08:00:01 UTC |  |  |

## Timeline

- 2026-11-29 08:00:00 UTC: opened by ann: The payment provider is down
- 2026-11-29 08:00:01 UTC: orders held (Charge\\|Card, Refund) by ann
- 2026-11-29 09:00:00 UTC: noted by ann: They say \\<b\\>two\\</b\\> hours
- 2026-11-29 10:05:00 UTC: resolved by ben, after 2 h 5 min
- 2026-11-29 10:05:01 UTC: orders lifted by ben, after 2 h 5 min, 12 runs stood
`);
  });

  it("names the end of an open incident, and whatever it holds", () => {
    const { resolvedAt: _at, resolvedBy: _by, flows: _flows, resources: _resources, ...rest } = incident;
    const text = incidentReport({ ...rest, status: "open", all: true, holds: [], more: true, timeline: [] });
    expect(text).toContain("- Holds: every flow of the workspace\n");
    expect(text).toContain("- Resolved by itself: 2026-12-13 08:00:00 UTC at the latest\n");
    expect(text).toContain("No flow was held.");
    expect(text).toContain("The list is not complete");
  });

  it.each([
    [0, "0 s"],
    [59, "59 s"],
    [60, "1 min 0 s"],
    [7_500, "2 h 5 min"],
    [90_061, "1 d 1 h"],
  ])("says how long %i seconds are", (seconds, text) => {
    expect(lastedText(seconds)).toBe(text);
  });
});
