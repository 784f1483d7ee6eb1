import {
  type Grant,
  type Permission,
  ROLES,
  roleGrant,
  SCOPES,
  scopeGrant,
} from "../../shared/model/access.ts";
import { operations } from "../../shared/model/api/openapi.ts";
import type { Operation } from "../../shared/model/api/operation.ts";
import { table } from "./section.ts";

const WORKSPACE = "/v1/workspaces/{workspace}";
const WORD: Readonly<Record<Grant, string>> = { all: "yes", own: "own" };

/** A column of the table: a kind of caller, and which calls it may make, by required permission. */
interface Column {
  readonly head: string;
  answer(permission: Permission): string;
}
const inWorkspace = (head: string, grantOf: (permission: Permission) => Grant | undefined): Column => ({
  head,
  answer: (permission) => {
    const grant = grantOf(permission);
    return grant === undefined ? "403" : WORD[grant];
  },
});
const outside = (head: string, managesWorkspaces: string): Column => ({
  head,
  answer: (permission) => (permission === "manage-workspaces" ? managesWorkspaces : "404"),
});

const COLUMNS: readonly Column[] = [
  ...ROLES.map((role) => inWorkspace(role, (permission) => roleGrant(role, permission))),
  ...SCOPES.map((scope) => inWorkspace(`\`${scope}\``, (permission) => scopeGrant([scope], permission))),
  outside("platform administrator", "yes"),
  outside("no member", "403"),
  { head: "no token", answer: () => "401" },
];

const cellsOf = ({ method, path, permission }: Operation): string[] => {
  const shown = path === WORKSPACE ? path : path.replace(WORKSPACE, "");
  const answers = COLUMNS.map((column) => (permission === "public" ? "yes" : column.answer(permission)));
  return [`\`${method} ${shown}\``, ...answers];
};

/** Returns a Markdown table of permissions: one row per operation, one column per kind of caller. */
export const permissionsTable = (): string =>
  table(["call", ...COLUMNS.map(({ head }) => head)], operations.map(cellsOf));
