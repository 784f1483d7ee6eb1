import { createHash } from "node:crypto";
import { isJsonObject, type Json } from "../../shared/model/json/json.ts";

export const md5 = (value: string | Buffer): string => createHash("md5").update(value).digest("hex");

/**
 * SQS's digest of a message's attributes: for each, in order of name, its name, type and value with their lengths.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function attributesDigest(attributes: Json | undefined): string | undefined {
  if (!isJsonObject(attributes) || Object.keys(attributes).length === 0) return undefined;
  const parts = Object.entries(attributes)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, attribute]) => {
      const {
        DataType: type = "String",
        StringValue: text,
        BinaryValue: bytes,
      } = isJsonObject(attribute) ? attribute : {};
      const isBinary = String(type).startsWith("Binary");
      const value = isBinary ? Buffer.from(String(bytes ?? ""), "base64") : Buffer.from(String(text ?? ""));
      return [
        sized(Buffer.from(name)),
        sized(Buffer.from(String(type))),
        Buffer.from([isBinary ? 2 : 1]),
        sized(value),
      ];
    });
  return md5(Buffer.concat(parts));
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
