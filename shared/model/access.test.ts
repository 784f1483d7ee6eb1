import { expect, test } from "vitest";
import { type Permission, type Role, roleGrant, type Scope, scopeGrant } from "./access.ts";

/** By permission: the grants of viewer, operator, admin and member, and the scopes that grant it. */
const EXPECTED: Readonly<Record<Permission, readonly [grants: string, ...scopes: Scope[]]>> = {
  "read-flows": ["all all all -", "flows:read"],
  publish: ["- - all -", "flows:publish"],
  "hold-flows": ["- all all -", "flows:control"],
  "set-caps": ["- - all -"],
  "read-runs": ["all all all own", "runs:read"],
  dispatch: ["- all all all", "runs:dispatch"],
  "control-runs": ["- all all -", "runs:control"],
  "resume-runs": ["- all all own", "runs:control", "runs:repair"],
  "repair-runs": ["- - all -", "runs:repair"],
  "override-access": ["- - all -"],
  "complete-steps": ["- all all own", "runs:control"],
  "assign-steps": ["- - all -"],
  delete: ["- - all -"],
  "read-settings": ["all all all -"],
  "manage-settings": ["- - all -"],
  "read-members": ["all all all own"],
  "manage-members": ["- - all -"],
  "keep-views": ["all all all all"],
  "manage-workspaces": ["- - - -"],
};
const ROLES: readonly Role[] = ["viewer", "operator", "admin", "member"];
const SCOPES: readonly Scope[] = [
  "runs:dispatch",
  "runs:read",
  "runs:control",
  "flows:read",
  "flows:control",
  "flows:publish",
  "runs:repair",
];
const permissions = Object.entries(EXPECTED) as [Permission, [string, ...Scope[]]][];

test.each(permissions)(
  "%s is granted to exactly these roles and scopes",
  (permission, [grants, ...scopes]) => {
    expect(ROLES.map((role) => roleGrant(role, permission) ?? "-").join(" ")).toBe(grants);
    expect(SCOPES.filter((scope) => scopeGrant([scope], permission) === "all")).toEqual(scopes);
  },
);

test.each([
  ["with the prefix of its resource server", ["sluice/runs:read"], "all"],
  ["with a long prefix", ["https://api.example.com/sluice/runs:read"], "all"],
  ["among others", ["openid", "flows:read", "runs:read"], "all"],
  ["that is only the end of another", ["my-runs:read"], undefined],
  ["that is only the beginning of another", ["runs:read-only"], undefined],
  ["that is none", [], undefined],
] as const)("a scope %s", (_name, scopes, grant) => {
  expect(scopeGrant(scopes, "read-runs")).toBe(grant);
});
