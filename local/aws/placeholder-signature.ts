import { REGION } from "./function-name.ts";

/**
 * Headers in the place of a signature. DynamoDB engines require one but do not verify it, and to compute one takes as long as the
 * call itself.
 */
export const PLACEHOLDER_SIGNATURE = {
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
  "x-amz-date": "20260101T000000Z",
};
