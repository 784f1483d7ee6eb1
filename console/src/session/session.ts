/**
 * Who is signed in. The token lives in this tab's memory and its sessionStorage, which dies with the tab; never in
 * localStorage, a cookie or a URL.
 */
export interface Session {
  readonly token: string;
  /** The token's subject. */
  readonly userId: string;
}

const KEY = "sluice.session";
const listeners = new Set<() => void>();

const stored = (): Session | undefined => {
  const text = sessionStorage.getItem(KEY);
  return text === null ? undefined : (JSON.parse(text) as Session);
};
let current = stored();

const change = (session: Session | undefined): void => {
  current = session;
  if (session === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, JSON.stringify(session));
  for (const listener of listeners) listener();
};

const subjectOf = (token: string): string => {
  const payload = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
    character.charCodeAt(0),
  );
  const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string };
  return claims.sub ?? "";
};

export const session = {
  current: (): Session | undefined => current,
  begin: (token: string): void => change({ token, userId: subjectOf(token) }),
  end: (): void => change(undefined),
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
