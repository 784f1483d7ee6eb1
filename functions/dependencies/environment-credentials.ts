import { fromEnv } from "@aws-sdk/credential-provider-env";

/**
 * Replaces `@aws-sdk/credential-provider-node` in the functions' bundles. Lambda passes credentials in the environment, so code for
 * profiles, single sign-on and instance metadata would never run.
 */
export const defaultProvider: typeof fromEnv = (init) => fromEnv(init);
