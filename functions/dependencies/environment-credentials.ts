import { fromEnv } from "@aws-sdk/credential-provider-env";

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the functions' bundles: Lambda gives a function its credentials in the
 * environment, so profiles, single sign-on and instance metadata would only be loaded for nothing.
 */
export const defaultProvider: typeof fromEnv = (init) => fromEnv(init);
