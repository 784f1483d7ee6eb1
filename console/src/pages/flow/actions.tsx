import { Button, Menu } from "@mantine/core";
import {
  IconAlertTriangle,
  IconChevronDown,
  IconGauge,
  IconLink,
  IconLinkOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { useMay } from "../../api/people.ts";
import { DropdownMenu, MenuAction } from "../../components/dropdown-menu.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { DetachDialog } from "./detach-dialog.tsx";
import { FailureDialog } from "./failure-dialog.tsx";
import { CapsDialog } from "./holds/caps-dialog.tsx";
import { PauseDialog } from "./holds/pause-dialog.tsx";
import { ResumeDialog } from "./holds/resume-dialog.tsx";
import { RecordDialog } from "./record-dialog.tsx";

const AttachDialog = lazy(() => import("./attach-dialog.tsx"));

type Dialog = "pause" | "steps" | "resume" | "caps" | "attach" | "detach" | "delete" | "record" | "failure";

/** The actions that the flow's holds and the person's role allow; nothing for people who may only read. */
export function FlowActions({ workspace, flow }: { workspace: string; flow: Flow }) {
  const [open, setOpen] = useState<Dialog>();
  const mayHold = useMay("hold-flows");
  const mayCap = useMay("set-caps");
  const mayPublish = useMay("publish");
  const isAttached = flow.kind === "attached";
  // Only a flow without a version of its own can be attached.
  const mayAttach = mayPublish && (isAttached || flow.version === 0);
  const mayDelete = useMay("delete") && !isAttached;
  const mayDispatch = useMay("dispatch");
  const isPausedManually = flow.holds.some(({ kind, steps }) => kind === "manual" && steps === undefined);
  // A spend hold has no Resume: it lifts with a higher cap or a new period.
  const hasResume = flow.holds.some(({ kind }) => kind !== "spend");
  if (!mayHold && !mayCap && !mayAttach && !mayDelete && !mayDispatch) return null;
  const props = { workspace, flow, onClose: () => setOpen(undefined) };
  return (
    <>
      <DropdownMenu
        width={220}
        button={
          <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
            Actions
          </Button>
        }
      >
        {mayHold && !isPausedManually && !flow.drift && (
          <MenuAction Icon={IconPlayerPause} onClick={() => setOpen("pause")}>
            Pause
          </MenuAction>
        )}
        {mayHold && isPausedManually && !flow.drift && (
          <MenuAction Icon={IconPlayerPause} onClick={() => setOpen("steps")}>
            Hold steps
          </MenuAction>
        )}
        {mayHold && hasResume && (
          <MenuAction Icon={IconPlayerPlay} onClick={() => setOpen("resume")}>
            Resume
          </MenuAction>
        )}
        {mayDispatch && flow.version > 0 && (
          <MenuAction Icon={IconSend} onClick={() => setOpen("record")}>
            Send a test record
          </MenuAction>
        )}
        {mayCap && (
          <MenuAction Icon={IconGauge} onClick={() => setOpen("caps")}>
            Caps
          </MenuAction>
        )}
        {mayPublish && (
          <MenuAction Icon={IconAlertTriangle} onClick={() => setOpen("failure")}>
            When a step fails
          </MenuAction>
        )}
        {mayAttach && (
          <MenuAction Icon={IconLink} onClick={() => setOpen("attach")}>
            {isAttached ? "Attach again" : "Attach a state machine"}
          </MenuAction>
        )}
        {mayPublish && isAttached && (
          <MenuAction Icon={IconLinkOff} onClick={() => setOpen("detach")}>
            Detach
          </MenuAction>
        )}
        {mayDelete && (
          <>
            <Menu.Divider />
            <MenuAction Icon={IconTrash} danger onClick={() => setOpen("delete")}>
              Delete
            </MenuAction>
          </>
        )}
      </DropdownMenu>
      {open === "pause" && <PauseDialog {...props} />}
      {open === "steps" && <PauseDialog {...props} onlySteps />}
      {open === "resume" && <ResumeDialog {...props} />}
      {open === "caps" && <CapsDialog {...props} />}
      {open === "attach" && (
        <Suspense>
          <AttachDialog {...props} />
        </Suspense>
      )}
      {open === "failure" && <FailureDialog {...props} />}
      {open === "detach" && <DetachDialog {...props} />}
      {open === "delete" && <DeleteDialog {...props} />}
      {open === "record" && <RecordDialog {...props} />}
    </>
  );
}
