/** The path that the issuer redirects to after sign-in. */
export const CALLBACK_PATH = "/signed-in";
