import { expect, test } from "vitest";
import { SluiceError } from "../../shared/model/errors.ts";
import type { Claims } from "./http-event.ts";
import { identityOf } from "./http-identity.ts";

const NAMES = { platform: "sluice:platform_admin", workspaces: "sluice:workspaces" };

test.each<[string, Claims, object]>([
  ["a user", { sub: "ann" }, { kind: "user", id: "ann", platform: false }],
  [
    "a user who signed in with an app",
    { sub: "ann", client_id: "web", scope: "openid" },
    { kind: "user", id: "ann", platform: false },
  ],
  [
    "a platform administrator, as text",
    { sub: "root", "sluice:platform_admin": "true" },
    { kind: "user", id: "root", platform: true },
  ],
  [
    "somebody whose claim is something else",
    { sub: "ann", "sluice:platform_admin": "yes" },
    { kind: "user", id: "ann", platform: false },
  ],
  [
    "a machine client with lists as OAuth writes them",
    { client_id: "ci", scope: "sluice/runs:read runs:dispatch", "sluice:workspaces": "demo other" },
    {
      ...{ kind: "client", id: "ci" },
      ...{ scopes: ["sluice/runs:read", "runs:dispatch"], workspaces: ["demo", "other"] },
    },
  ],
  [
    "a machine client with lists as API Gateway writes them",
    { sub: "ci", client_id: "ci", "sluice:workspaces": "[demo other]" },
    { kind: "client", id: "ci", scopes: [], workspaces: ["demo", "other"] },
  ],
  [
    "a machine client with lists as JSON has them",
    { client_id: "ci", "sluice:workspaces": ["demo"] },
    { kind: "client", id: "ci", scopes: [], workspaces: ["demo"] },
  ],
])("%s", (_name, claims, identity) => {
  expect(identityOf(claims, NAMES)).toEqual(identity);
});

test.each([undefined, {}, { sub: "" }, { sub: 7 }])("a token of nobody is refused: %o", (claims) => {
  expect(() => identityOf(claims, NAMES)).toThrow(SluiceError);
});
