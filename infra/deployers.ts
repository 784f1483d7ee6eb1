/** The module `sluice/cdk`: constructs and grants for the CDK apps of those who deploy functions that flows call. */
export { allowInlineGate, type InlineGateProps } from "./constructs/inline-gate.ts";
export { WorkspaceTaskRole, type WorkspaceTaskRoleProps } from "./constructs/workspace-task-role.ts";
