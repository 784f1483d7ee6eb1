import type { Json } from "../../../shared/model/json/json.ts";
import { constraint, invalidOutput, invalidToken, taskTimedOut } from "../model/errors.ts";
import type { Frame, Outcome } from "../model/frame.ts";
import { jsonProblem, PAYLOAD_LIMIT } from "../model/payload.ts";
import { answerTask, beatTask } from "../states/task.ts";
import type { Api, Operation } from "./api.ts";
import type { Parameters } from "./parameters.ts";

/** The frame of an open token. @throws AwsError TaskTimedOut for a settled token, InvalidToken for an unknown one */
function frameOf(api: Api, parameters: Parameters): Frame {
  const found = api.stores.tokens.find(parameters.required("taskToken", 2048));
  if (!found) throw invalidToken();
  const frame = found.frame === undefined ? undefined : api.stores.frames.get(found.frame);
  if (frame?.phase !== "task") throw taskTimedOut();
  return frame;
}

function answer(api: Api, frame: Frame, outcome: Outcome): Record<string, never> {
  api.runner.transaction(frame.execution, () =>
    answerTask(api.runner.visit(frame), api.runner.stateDeps, frame, outcome),
  );
  return {};
}

export const sendTaskSuccess: Operation = (api, parameters) => {
  const output = parameters.required("output");
  if (output.length > PAYLOAD_LIMIT)
    throw constraint("", "output", `Member must have length less than or equal to ${PAYLOAD_LIMIT}`);
  if (Buffer.byteLength(output) > PAYLOAD_LIMIT)
    throw invalidOutput("Output size exceeds the maximum number of bytes service limit.");
  const problem = jsonProblem(output);
  if (problem !== undefined) throw invalidOutput(problem);
  return answer(api, frameOf(api, parameters), { output: JSON.parse(output) as Json });
};

export const sendTaskFailure: Operation = (api, parameters) => {
  const error = parameters.optional("error", 256);
  const cause = parameters.optional("cause", 32_768);
  const failure = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  return answer(api, frameOf(api, parameters), { failure });
};

export const sendTaskHeartbeat: Operation = (api, parameters) => {
  beatTask(api.runner.stateDeps, frameOf(api, parameters));
  return {};
};
