import { ErrorResponse, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { SignIn } from "./config.ts";
import { CALLBACK_PATH } from "./oidc-paths.ts";
import { session } from "./session.ts";

type Oidc = Extract<SignIn, { kind: "oidc" }>;

let manager: UserManager | undefined;
let renewing: Promise<boolean> | undefined;

/** The code flow with PKCE; the refresh token renews the access token before it ends. */
const managerOf = (config: Oidc): UserManager => {
  if (manager !== undefined) return manager;
  const store = new WebStorageStateStore({ store: sessionStorage });
  const made = new UserManager({
    authority: config.authority,
    client_id: config.clientId,
    redirect_uri: `${location.origin}${CALLBACK_PATH}`,
    post_logout_redirect_uri: location.origin,
    response_type: "code",
    scope: config.scope,
    // The library's own renewal falls back to a frame, which the page's Content-Security-Policy forbids.
    automaticSilentRenew: false,
    userStore: store,
    stateStore: store,
  });
  made.events.addUserLoaded((user) => session.begin(user.access_token));
  made.events.addAccessTokenExpiring(async () => {
    await renewOidc(config);
  });
  // A computer that slept is told of the end only: the refresh token may be good still.
  made.events.addAccessTokenExpired(async () => {
    if (!(await renewOidc(config))) session.end();
  });
  manager = made;
  return made;
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

/** Watches over the token that an earlier load of the page got. */
export const keepOidc = async (config: Oidc): Promise<void> => {
  await managerOf(config).getUser();
};

/** One renewal at a time: an issuer may take a refresh token once only. */
export const renewOidc = (config: Oidc): Promise<boolean> => {
  renewing ??= renew(managerOf(config)).finally(() => {
    renewing = undefined;
  });
  return renewing;
};

const renew = async (users: UserManager): Promise<boolean> => {
  const user = await users.getUser();
  if (user?.refresh_token === undefined) return false;
  try {
    return (await users.signinSilent()) !== null;
  } catch (error) {
    // The issuer has refused, for good; whatever else it was may pass before the token ends.
    if (error instanceof ErrorResponse) {
      await users.removeUser();
      session.end();
    }
    return false;
  }
};

export const endOidc = async (config: Oidc): Promise<void> => {
  const users = managerOf(config);
  const elsewhere = config.logoutUrl === undefined ? await users.metadataService.getEndSessionEndpoint() : "";
  if (elsewhere !== undefined && elsewhere !== "") {
    session.end();
    return users.signoutRedirect();
  }
  await users.removeUser();
  session.end();
  if (config.logoutUrl !== undefined) location.assign(config.logoutUrl);
};
