import { expect, test } from "vitest";
import { SCOPE_CLAIM, WORKSPACE_SCOPES } from "./access.ts";
import { SYSTEM } from "./actor.ts";
import { BULK_KEPT_MS } from "./bulk.ts";
import { MAX_INLINE_STEP_BYTES, MAX_PAYLOAD_BYTES, MAX_QUESTION_BYTES } from "./limits.ts";
import { BULK_MACHINE, DRAIN_MACHINE } from "./machines/loop-machine.ts";
import { METRIC_DIMENSION, METRIC_NAMESPACE } from "./metrics.ts";
import { SETTINGS } from "./settings.ts";
import { DEFAULT_SETTINGS } from "./workspace-settings.ts";

test("limits that the documentation names", () => {
  expect([MAX_PAYLOAD_BYTES, MAX_INLINE_STEP_BYTES, MAX_QUESTION_BYTES]).toEqual([262_144, 32_768, 32_768]);
  expect(BULK_KEPT_MS).toBe(2_592_000_000);
  expect(DEFAULT_SETTINGS).toEqual({
    ownersMayResume: false,
    resumeWithSameAccess: false,
    retentionDays: 90,
  });
});

test("each setting has an environment variable of its own", () => {
  const names = Object.values(SETTINGS);
  expect(names.filter((name) => !/^SLUICE_[A-Z_]+[A-Z]$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test("names that others rely on", () => {
  expect([METRIC_NAMESPACE, METRIC_DIMENSION]).toEqual(["Sluice", "service"]);
  expect([DRAIN_MACHINE, BULK_MACHINE]).toEqual(["sluice-drain", "sluice-bulk"]);
  expect([WORKSPACE_SCOPES, SCOPE_CLAIM]).toEqual(["workspaces", "scope"]);
  expect(SYSTEM).toEqual({ kind: "system", id: "sluice" });
});
