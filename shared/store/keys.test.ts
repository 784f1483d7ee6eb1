import { expect, test } from "vitest";
import { indexKeys, keys } from "./keys.ts";
import { STORED_NAMES } from "./runs/stored-run.ts";

const RUN = "01a1fe2b-94bf-721e-b86d-9859ac04b023";
const AT = "2026-03-01T12:00:00.000Z";
const FLOW = ["w", "f", "i"] as const;

// Stored items have these keys for ever.
test.each([
  [keys.workspace("w"), "W#w", "WORKSPACE"],
  [keys.member("w", "ann"), "W#w", "MEMBER#ann"],
  [keys.settings("w"), "W#w", "SETTINGS"],
  [keys.privateView("w", "ann", "v"), "W#w", "VIEW#P#ann#v"],
  [keys.sharedView("w", "v"), "W#w", "VIEW#S#v"],
  [keys.viewIds("w", "ann"), "W#w", "VIEWS#ann"],
  [keys.flowEntry("w", "f"), "W#w", "FLOW#f"],
  [keys.flow("w", "f"), "W#w#F#f", "FLOW"],
  [keys.hold(...FLOW), "W#w#F#f#i#H#0", "HOLD"],
  [keys.hold(...FLOW, 2), "W#w#F#f#i#H#2", "HOLD"],
  [keys.version(...FLOW, 3), "W#w#F#f", "V#i#000003"],
  [keys.versionText(...FLOW, 3, "user"), "W#w#F#f", "T#i#000003#user"],
  [keys.flowDeletion(...FLOW), "W#w", "DELETION#f#i"],
  [keys.attachedMachine("arn:m"), "MACHINE#arn:m", "ATTACHED"],
  [keys.detached(...FLOW), "W#w", "DETACHED#f#i"],
  [keys.replayMachine(...FLOW, 12, "Ship it"), "W#w#F#f", "M#i#000012#Ship it"],
  [keys.queue(...FLOW, 4, AT, RUN), "W#w#F#f#i#Q#4", `${AT}#${RUN}`],
  [keys.counter(...FLOW, 4), "W#w#F#f#i#C#4", "COUNT"],
  [keys.meter(...FLOW, "spend"), "W#w#F#f#i#M#0", "spend"],
  [keys.flowPark(...FLOW, 4, RUN, "h"), "W#w#F#f#i#P#4", `${RUN}#h`],
  [keys.run("w", RUN), `W#w#R#${RUN}`, "RUN"],
  [keys.payload("w", RUN), `W#w#R#${RUN}`, "IN"],
  [keys.output("w", RUN), `W#w#R#${RUN}`, "OUT"],
  [keys.continuation("w", RUN, 7), `W#w#R#${RUN}`, "H#000000007"],
  [keys.continuationVariable("w", RUN, 7, "v"), `W#w#R#${RUN}`, "H#000000007#v"],
  [keys.step("w", RUN, "s"), `W#w#R#${RUN}`, "S#s"],
  [keys.runPark("w", RUN, "h"), `W#w#R#${RUN}`, "P#h"],
  [keys.runAudit("w", RUN, 7), `W#w#R#${RUN}`, "A#000000007"],
  [keys.bulk("w", "b"), "W#w#B#b", "BULK"],
  [keys.bulkEntry("w", AT, "b"), "W#w", `BULK#${AT}#b`],
  [keys.bulkChunk("w", "b", 5), "W#w#B#b", "C#000000005"],
  [keys.bulkResults("w", "b", 5), "W#w#B#b", "R#000000005"],
  [keys.flowAudit(...FLOW, 7), "W#w#F#f", "A#i#000000007"],
])("%j", (key, PK, SK) => {
  expect(key).toEqual({ PK, SK });
});

test("no user's private views are among another's", () => {
  expect(keys.privateView("w", "ann#b", "v").SK).not.toMatch(/^VIEW#P#ann#b#/);
  expect(keys.privateView("w", "ann#b", "v")).not.toEqual(keys.privateView("w", "ann", "b#v"));
});

test("the indexes have these keys", () => {
  expect({
    byFlow: indexKeys.byFlow("w", "f", 3),
    byStatus: indexKeys.byStatus("w", "paused", 3),
    due: indexKeys.due(3),
    tombstones: indexKeys.tombstones(3),
    ended: indexKeys.ended("w", 3),
    workspaces: indexKeys.workspaces,
    attention: indexKeys.attention("w", 3),
    inbox: indexKeys.inbox("w", 3),
    waiting: indexKeys.waiting("w", 3),
    time: indexKeys.time(AT, RUN),
  }).toEqual({
    byFlow: "W#w#F#f#3",
    byStatus: "W#w#S#paused#3",
    due: "DUE#3",
    tombstones: "TOMB#3",
    ended: "W#w#END#3",
    workspaces: "WORKSPACES",
    attention: "W#w#ATT#3",
    inbox: "W#w#INBOX#3",
    waiting: "W#w#WAIT#3",
    time: `${AT}#${RUN}`,
  });
});

test("attributes of a run keep the names of earlier releases", () => {
  expect(STORED_NAMES).toEqual({
    recentAudit: "trail",
    historyBudget: "headroom",
    continuedFrom: "goesOnFrom",
    neverParked: "unparked",
    queuedAtDispatch: "arrivedHeld",
  });
});
