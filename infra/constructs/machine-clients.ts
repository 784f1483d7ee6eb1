import { CfnOutput, Duration } from "aws-cdk-lib";
import {
  type IUserPoolResourceServer,
  OAuthScope,
  ResourceServerScope,
  type UserPool,
  UserPoolClient,
  UserPoolResourceServer,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { type Scope, WORKSPACE_SCOPES } from "../../shared/model/access.ts";
import { named } from "./names.ts";

/** The scopes and workspaces of a program. */
export interface MachineClient {
  readonly scopes: readonly Scope[];
  readonly workspaces: readonly string[];
}

interface MachineClientsProps {
  readonly pool: UserPool;
  /** The resource server with Sluice's scopes. */
  readonly scopes: IUserPoolResourceServer;
  /** By the name of their app client. */
  readonly clients: Readonly<Record<string, MachineClient>>;
}

/**
 * App clients for the client-credentials grant. Without a trigger and a paid plan, Cognito adds no custom claims to their
 * tokens, but it adds every scope that was granted to the client. Therefore, a workspace is a scope of a separate resource
 * server.
 */
export class MachineClients extends Construct {
  /** Audiences for the authorizer: the tokens have a `client_id` but no `aud`. */
  readonly clientIds: readonly string[];

  constructor(scope: Construct, id: string, { pool, scopes, clients }: MachineClientsProps) {
    super(scope, id);
    const names = [...new Set(Object.values(clients).flatMap(({ workspaces }) => workspaces))].sort();
    const workspaces = new Map(
      names.map((name) => [
        name,
        new ResourceServerScope({ scopeName: name, scopeDescription: `The workspace ${name}` }),
      ]),
    );
    const workspaceServer = new UserPoolResourceServer(this, "workspaces", {
      userPool: pool,
      identifier: WORKSPACE_SCOPES,
      userPoolResourceServerName: "Workspaces of Sluice",
      scopes: [...workspaces.values()],
    });
    this.clientIds = Object.entries(clients).map(([name, client]) => {
      const appClient = new UserPoolClient(this, name, {
        userPool: pool,
        userPoolClientName: named(this, `sluice-${name}`),
        generateSecret: true,
        // People do not sign in with it.
        authFlows: { userSrp: false },
        preventUserExistenceErrors: true,
        enableTokenRevocation: true,
        accessTokenValidity: Duration.hours(1),
        oAuth: {
          flows: { clientCredentials: true },
          scopes: [
            ...client.scopes.map((held) => resourceScope(scopes, held)),
            ...client.workspaces.map((held) => resourceScope(workspaceServer, held)),
          ],
        },
      });
      new CfnOutput(this, `${name}-id`, {
        value: appClient.userPoolClientId,
        description: `Client id of the program ${name}`,
      });
      return appClient.userPoolClientId;
    });
  }
}

const resourceScope = (server: IUserPoolResourceServer, scopeName: string): OAuthScope =>
  OAuthScope.resourceServer(server, new ResourceServerScope({ scopeName, scopeDescription: scopeName }));
