import { createClient } from "../../../shared/client/client.ts";
import type { AwsServices } from "../../doctor/aws.ts";
import type { SignedIn } from "../../doctor/deployment.ts";
import { CliFailure, EXIT, notSignedIn } from "../../failure.ts";
import { isLoopback } from "../../session/profiles.ts";
import type { CommandContext } from "../command.ts";

/** AWS, or the local stack that the command line is signed in to. */
export interface AwsConnection {
  readonly aws: AwsServices;
  readonly isLocal: boolean;
  readonly api: SignedIn | undefined;
}

/** Connects to AWS with the credentials of the SDK's default chain, or to the local stack if the sign-in is for one. */
export const withAws = async <T>(
  context: CommandContext,
  region: string | undefined,
  act: (connection: AwsConnection) => Promise<T>,
): Promise<T> => {
  const { awsServices, localServices, withoutCredentials } = await import("../../doctor/aws.ts");
  const api = signedIn(context);
  const local = api !== undefined && isLoopback(new URL(api.url)) ? api.url : undefined;
  const aws = local === undefined ? awsServices(region) : localServices(local);
  try {
    return await act({ aws, isLocal: local !== undefined, api });
  } catch (error) {
    if (!withoutCredentials(error)) throw error;
    throw notSignedIn(
      `AWS did not accept the credentials: ${(error as Error).message}. Set up credentials and a region as for the AWS CLI.`,
    );
  }
};

/** Without a sign-in, only AWS is examined. */
const signedIn = ({ connection }: CommandContext): SignedIn | undefined => {
  try {
    const { url, workspace, token } = connection();
    if (workspace === undefined) return undefined;
    return { url, workspace, client: createClient({ url, workspace, token, retry: true }) };
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.notSignedIn) return undefined;
    throw error;
  }
};
