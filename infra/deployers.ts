/**
 * The module `sluice/cdk`: Sluice itself for the deployer's CDK app, and constructs and grants for CDK apps that deploy functions that flows
 * call, or state machines to attach.
 */

export type { Grants } from "./constructs/allow/grants.ts";
export { type GrantSluiceProps, grantSluice } from "./constructs/attached/grant-sluice.ts";
export {
  type PausableFlowProps,
  PausableStateMachine,
  type PausableStateMachineProps,
} from "./constructs/attached/pausable-state-machine.ts";
export { allowInlineGate, type InlineGateProps } from "./constructs/inline-gate.ts";
export { WorkspaceMachineRole, type WorkspaceMachineRoleProps } from "./constructs/machine-role.ts";
export { SluiceFlow, type SluiceFlowProps } from "./constructs/managed/sluice-flow.ts";
export { FlowTrigger, type FlowTriggerProps } from "./constructs/triggers/flow-trigger.ts";
export { WorkspaceTaskRole, type WorkspaceTaskRoleProps } from "./constructs/workspace-task-role.ts";
export { Sluice, type SluiceProps } from "./sluice.ts";
