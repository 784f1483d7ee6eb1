import { Button, Group } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Flow } from "../../../../../shared/model/schemas/flow.ts";
import { useMay } from "../../../api/people.ts";
import { CapsDialog } from "./caps-dialog.tsx";
import { capOf, type Hold } from "./hold-title.ts";
import { ResumeDialog } from "./resume-dialog.tsx";

/** The actions for one hold: lifting it alone, or changing the cap that placed it. */
export function HoldActions({ workspace, flow, hold }: { workspace: string; flow: Flow; hold: Hold }) {
  const mayHold = useMay("hold-flows");
  const mayCap = useMay("set-caps");
  const cap = capOf(hold);
  const hasLift = mayHold && hold.kind !== "spend";
  const hasCap = mayCap && cap !== undefined && flow.caps[cap] != null;
  if (!hasLift && !hasCap) return null;
  return (
    <Group gap="xs">
      {hasLift && (
        <DialogButton label="Lift this hold">
          {(onClose) => <ResumeDialog {...{ workspace, flow, onClose }} only={hold.holdId} />}
        </DialogButton>
      )}
      {hasCap && (
        <DialogButton label="Change the cap">
          {(onClose) => <CapsDialog {...{ workspace, flow, onClose }} focus={cap} />}
        </DialogButton>
      )}
    </Group>
  );
}

/** A button that opens a dialog. */
function DialogButton(props: { label: string; children: (onClose: () => void) => ReactNode }) {
  const { label, children } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && children(() => setOpen(false))}
    </>
  );
}
