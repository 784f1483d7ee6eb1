import { describe, expect, it } from "vitest";
import { synthesize } from "./synth/synthesized.ts";

const { one, template } = synthesize();
const table = one("AWS::DynamoDB::GlobalTable", { TableName: "sluice" });
const [replica] = table.Properties["Replicas"] as Record<string, unknown>[];

describe("the table", () => {
  it("cannot be lost by accident", () => {
    expect(replica).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  it("is billed per request and uses time to live", () => {
    expect(table.Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      KeySchema: [
        { AttributeName: "PK", KeyType: "HASH" },
        { AttributeName: "SK", KeyType: "RANGE" },
      ],
    });
  });

  it("streams both images of every change", () => {
    expect(table.Properties["StreamSpecification"]).toEqual({ StreamViewType: "NEW_AND_OLD_IMAGES" });
  });

  it.each([
    ["byFlow", "flowKey", "timeKey"],
    ["byStatus", "statusKey", "timeKey"],
    ["due", "dueKey", "due"],
    ["attention", "attentionKey", "attentionSince"],
    ["byFailure", "failureKey", "failureAt"],
  ])("has the index %s", (IndexName, partition, sort) => {
    expect(table.Properties["GlobalSecondaryIndexes"]).toContainEqual(
      expect.objectContaining({
        IndexName,
        KeySchema: [
          { AttributeName: partition, KeyType: "HASH" },
          { AttributeName: sort, KeyType: "RANGE" },
        ],
      }),
    );
  });

  it("projects no whole item into an index", () => {
    const indexes = table.Properties["GlobalSecondaryIndexes"] as {
      Projection: { ProjectionType: string };
    }[];
    expect(indexes.map(({ Projection }) => Projection.ProjectionType)).not.toContain("ALL");
  });

  it("is the data stack's only resource, so that no other change affects it", () => {
    const types = Object.values(template("sluice-data").Resources).map(({ Type }) => Type);
    expect(types).toEqual(["AWS::DynamoDB::GlobalTable"]);
  });
});
