/** The sign-in method, from a file next to the page, because one build serves every deployment. */
export type SignIn =
  | { readonly kind: "local"; readonly users: readonly string[] }
  | {
      readonly kind: "oidc";
      readonly authority: string;
      readonly clientId: string;
      readonly scope: string;
      /** The issuer's sign-out page, for issuers such as Cognito that do not follow OpenID Connect here. */
      readonly logoutUrl?: string;
    };
export interface ConsoleConfig {
  readonly signIn: SignIn;
  /** Origin of the API; by default the page's own. */
  readonly apiUrl?: string;
  /** The workspace to open first. */
  readonly workspace?: string;
}

let loading: Promise<ConsoleConfig> | undefined;

export const consoleConfig = (): Promise<ConsoleConfig> => {
  loading ??= fetch("/config.json").then((answer) => {
    if (!answer.ok)
      throw new Error(`Cannot load the console's configuration: the server answered ${answer.status}`);
    return answer.json() as Promise<ConsoleConfig>;
  });
  // A failure is not cached: the next page tries again.
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
};

/** The path that the issuer redirects to after sign-in. */
export const CALLBACK_PATH = "/signed-in";
