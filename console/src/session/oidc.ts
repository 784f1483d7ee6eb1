import { ErrorResponse, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { CALLBACK_PATH, type SignIn } from "./config.ts";
import { session } from "./session.ts";

type Oidc = Extract<SignIn, { kind: "oidc" }>;

let manager: UserManager | undefined;
let renewing: Promise<boolean> | undefined;

/** The authorization code flow with PKCE; the refresh token renews the access token before it expires. */
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
    // The library's own renewal falls back to an iframe, which the page's Content-Security-Policy forbids.
    automaticSilentRenew: false,
    userStore: store,
    stateStore: store,
  });
  made.events.addUserLoaded((user) => session.begin(user.access_token));
  made.events.addAccessTokenExpiring(async () => {
    await renewOidc(config);
  });
  // After sleep, only this event fires; the refresh token may still be valid.
  made.events.addAccessTokenExpired(async () => {
    if (!(await renewOidc(config))) session.end();
  });
  manager = made;
  return made;
};

/** Redirects to the issuer, whose response contains `returnTo`. */
export const beginOidc = (config: Oidc, returnTo: string): Promise<void> =>
  managerOf(config).signinRedirect({ state: returnTo });

/** Reads the issuer's response from the address. Returns the path at which to continue. */
export const finishOidc = async (config: Oidc): Promise<string> => {
  const user = await managerOf(config).signinRedirectCallback();
  session.begin(user.access_token);
  return typeof user.state === "string" ? user.state : "/";
};

/** Resumes renewal of a token from an earlier page load. */
export const keepOidc = async (config: Oidc): Promise<void> => {
  await managerOf(config).getUser();
};

/** Renews the token, one call at a time: a refresh token may work only once. */
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
    // The issuer has refused permanently. After any other failure, a later attempt may succeed before the token expires.
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
