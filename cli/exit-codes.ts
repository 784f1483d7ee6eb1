/** What a script learns from how the process ends. The help text and the documentation are made from this table. */
export const EXIT_CODES = {
  ok: [0, "done"],
  unexpected: [1, "something unexpected, an internal error of the service included"],
  invalid: [2, "wrong usage, or a request that the service found invalid (400, 413, 422)"],
  notSignedIn: [3, "not signed in, or the token is not accepted (401)"],
  forbidden: [4, "signed in, but without the permission (403)"],
  notFound: [5, "no such thing in this workspace (404)"],
  conflict: [6, "refused as things stand (409); the code and its detail are shown"],
  endedBadly: [
    7,
    "what was followed ended failed, cancelled or stopped, or a bulk operation failed for some runs",
  ],
  unavailable: [8, "the service cannot be reached, is unavailable or throttles, after retries (429, 503)"],
  interrupted: [
    130,
    "interrupted by Ctrl-C, or a question answered with no; what runs on the service goes on",
  ],
} as const;
type Ending = keyof typeof EXIT_CODES;
export type ExitCode = (typeof EXIT_CODES)[Ending][0];

export const EXIT = Object.fromEntries(Object.entries(EXIT_CODES).map(([name, [code]]) => [name, code])) as {
  readonly [Name in Ending]: (typeof EXIT_CODES)[Name][0];
};

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.invalid,
  401: EXIT.notSignedIn,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
  413: EXIT.invalid,
  422: EXIT.invalid,
  429: EXIT.unavailable,
  502: EXIT.unavailable,
  503: EXIT.unavailable,
  504: EXIT.unavailable,
};

/** @param status of an HTTP answer that is a refusal */
export const exitCodeOf = (status: number): ExitCode => BY_STATUS[status] ?? EXIT.unexpected;
