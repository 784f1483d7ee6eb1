import type { Run } from "../../../../shared/model/schemas/run.ts";
import { useNameOf } from "../../api/people.ts";
import { pauserOf, reasonOf } from "./why.ts";

/** Says in one line why a run does not continue. */
export const Reason = ({ run }: { run: Run }) => reasonOf(run, useNameOf());

/** Says who or what paused the run. */
export const Pauser = ({ run }: { run: Run }) => pauserOf(run, useNameOf());
