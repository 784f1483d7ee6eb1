import { expect, test } from "vitest";
import { ALLOW_SETS, allowListProblem, isAllowSet, SERVICE_SETS } from "./allow-sets.ts";

const SERVICES = "dynamodb sns sqs events states ecs batch glue athena bedrock sagemaker apigateway http";
const OTHERS = "s3 lambda-any activity credentials readers *";

test("the sets are those of the documentation", () => {
  expect(SERVICE_SETS.join(" ")).toBe(SERVICES);
  expect(ALLOW_SETS.join(" ")).toBe(`${SERVICES} ${OTHERS}`);
});

test.each([
  ["sns", true],
  ["*", true],
  ["aws-sdk:s3", true],
  ["aws-sdk:route53", true],
  ["aws-sdk:", false],
  ["aws-sdk:S3", false],
  ["aws-sdk:s3:putObject", false],
  ["my-aws-sdk:s3", false],
  ["lambda", false],
  ["", false],
])("%j as a set: %s", (name, known) => {
  expect(isAllowSet(name)).toBe(known);
});

test("an allow list of sets and ARNs has no problem; every other entry is named", () => {
  expect(allowListProblem(["sns", "arn:aws:lambda:*:*:function:f", "aws-sdk:s3"])).toBeUndefined();
  expect(allowListProblem([])).toBeUndefined();
  expect(allowListProblem(["sns", "sn", "an arn:aws:x"])).toBe(
    `Unknown in the allow list: "sn", "an arn:aws:x". Known are ARNs (arn:…, * stands for any text) and the sets ${`${SERVICES} ${OTHERS}`.replaceAll(" ", ", ")} and aws-sdk:<service>.`,
  );
});
