/** Where the issuer sends people back to. */
export const CALLBACK_PATH = "/signed-in";
