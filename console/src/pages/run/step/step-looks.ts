import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconPlayerPlayFilled,
  type IconProps,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Step } from "../../../../../shared/model/schemas/run.ts";

/** The color and the shape of each status of a step. */
export const STEP_LOOKS: Readonly<
  Record<Step["status"], { readonly color: string; readonly Icon: ComponentType<IconProps> }>
> = {
  running: { color: "blue", Icon: IconPlayerPlayFilled },
  waiting: { color: "grape", Icon: IconHourglass },
  completed: { color: "green", Icon: IconCircleCheck },
  failed: { color: "red", Icon: IconCircleX },
  cancelled: { color: "gray", Icon: IconBan },
};
