import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { SignIn } from "./config.ts";
import { CALLBACK_PATH } from "./oidc-paths.ts";
import { session } from "./session.ts";

type Oidc = Extract<SignIn, { kind: "oidc" }>;

let manager: UserManager | undefined;

/** The code flow with PKCE; the refresh token renews the access token before it ends. */
const managerOf = (config: Oidc): UserManager => {
  if (manager !== undefined) return manager;
  const store = new WebStorageStateStore({ store: sessionStorage });
  manager = new UserManager({
    authority: config.authority,
    client_id: config.clientId,
    redirect_uri: `${location.origin}${CALLBACK_PATH}`,
    post_logout_redirect_uri: location.origin,
    response_type: "code",
    scope: config.scope,
    automaticSilentRenew: true,
    userStore: store,
    stateStore: store,
  });
  manager.events.addUserLoaded((user) => session.begin(user.access_token));
  manager.events.addAccessTokenExpired(() => session.end());
  return manager;
};

/** Leaves the page for the issuer's; `returnTo` comes back with the answer. */
export const beginOidc = (config: Oidc, returnTo: string): Promise<void> =>
  managerOf(config).signinRedirect({ state: returnTo });

/** Takes the issuer's answer from the address; where to go on. */
export const finishOidc = async (config: Oidc): Promise<string> => {
  const user = await managerOf(config).signinRedirectCallback();
  session.begin(user.access_token);
  return typeof user.state === "string" ? user.state : "/";
};

export const endOidc = async (config: Oidc): Promise<void> => {
  await managerOf(config).removeUser();
  session.end();
  if (config.logoutUrl !== undefined) location.assign(config.logoutUrl);
};
