/** How people sign in: a file beside the page, since one build serves every deployment. */
export type SignIn =
  | { readonly kind: "local"; readonly users: readonly string[] }
  | {
      readonly kind: "oidc";
      readonly authority: string;
      readonly clientId: string;
      readonly scope: string;
      /** Where the issuer ends its own session, when that is not as OpenID Connect has it: Cognito's way. */
      readonly logoutUrl?: string;
    };
export interface ConsoleConfig {
  readonly signIn: SignIn;
  /** Origin of the API; the page's own when it is not given. */
  readonly apiUrl?: string;
  /** Offered at first; people may go to others. */
  readonly workspace?: string;
}

let loading: Promise<ConsoleConfig> | undefined;

export const consoleConfig = (): Promise<ConsoleConfig> => {
  loading ??= fetch("/config.json").then((answer) => {
    if (!answer.ok) throw new Error(`The console's configuration answered ${answer.status}`);
    return answer.json() as Promise<ConsoleConfig>;
  });
  // A failure is not remembered: the next page asks again.
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
};
