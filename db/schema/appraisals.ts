import { foreignKey, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { AppraisalReport } from "@/lib/ml/appraisal";
import { at } from "./columns";
import { tenantId } from "./people";
import { datasetVersions } from "./work";

/** What was told of a version before anything was trained on it; it goes with the version. */
export const appraisals = pgTable(
  "appraisals",
  {
    tenantId: tenantId(),
    versionId: text("version_id").notNull(),
    state: text({ enum: ["running", "ready", "failed"] })
      .notNull()
      .default("running"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    report: jsonb().$type<AppraisalReport>(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.versionId] }),
    foreignKey({
      columns: [t.tenantId, t.versionId],
      foreignColumns: [datasetVersions.tenantId, datasetVersions.id],
    }).onDelete("cascade"),
  ],
);
