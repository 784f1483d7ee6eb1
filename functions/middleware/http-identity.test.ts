import { describe, expect, test } from "vitest";
import { SluiceError } from "../../shared/model/errors.ts";
import type { Claims } from "./http-event.ts";
import { identityOf } from "./http-identity.ts";

const NAMES = { platform: "sluice:platform_admin", platformValue: "true", workspaces: "sluice:workspaces" };

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

test.each([undefined, {}, { sub: "" }, { sub: 7 }])("a token without an owner is refused: %o", (claims) => {
  expect(() => identityOf(claims, NAMES)).toThrow(SluiceError);
});

describe("with Cognito's tokens", () => {
  const cognito = { platform: "cognito:groups", platformValue: "sluice-platform", workspaces: "scope" };
  const person = {
    sub: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    client_id: "3example",
    username: "ann",
    token_use: "access",
    scope: "openid email",
  };

  test.each<[string, unknown, boolean]>([
    ["in the group", "[readers sluice-platform]", true],
    ["in the group alone", "[sluice-platform]", true],
    ["in no group", undefined, false],
    ["in a group of a longer name", "[my-sluice-platform sluice-platform-2]", false],
    ["in a group whose name holds a comma", "[readers,sluice-platform]", false],
  ])("a person %s", (_what, groups, platform) => {
    expect(identityOf({ ...person, "cognito:groups": groups }, cognito)).toEqual({
      kind: "user",
      id: person.sub,
      platform,
    });
  });

  test("a machine client belongs to the workspaces that its scopes name", () => {
    const scope = "sluice/runs:read workspaces/acme workspaces/b-2 other/workspaces/umbrella";
    const claims = { sub: "4example", client_id: "4example", token_use: "access", scope };
    expect(identityOf(claims, cognito)).toMatchObject({
      kind: "client",
      id: "4example",
      workspaces: ["acme", "b-2"],
    });
    expect(
      identityOf(
        { ...claims, "sluice:workspaces": "umbrella", "cognito:groups": "[sluice-platform]" },
        cognito,
      ),
    ).toMatchObject({
      kind: "client",
      workspaces: ["acme", "b-2"],
    });
  });

  test("scopes name no workspaces if a claim does", () => {
    const claims = { client_id: "ci", scope: "workspaces/acme", "sluice:workspaces": "demo" };
    expect(identityOf(claims, NAMES)).toMatchObject({ workspaces: ["demo"] });
  });
});
