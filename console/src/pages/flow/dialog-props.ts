import type { Flow } from "../../../../shared/model/schemas/flow.ts";

/** Properties of every dialog on the flow's page. */
export interface FlowDialogProps {
  readonly workspace: string;
  readonly flow: Flow;
  readonly onClose: () => void;
}
