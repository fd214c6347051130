import { foreignKey, index, integer, jsonb, pgTable, primaryKey, real, text } from "drizzle-orm/pg-core";
import type { Drawn, LabellingProgress, Reading } from "@/lib/ml/contract";
import { at } from "./columns";
import { tenantId } from "./people";
import { files } from "./work";

export interface LabellingClass {
  name: string;
  /** What a person reads beside the name; empty when there is nothing to say. */
  description: string;
}

/** Texts of a file that people label here. It goes with its file. */
export const labellingSets = pgTable(
  "labelling_sets",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    name: text().notNull(),
    fileId: text("file_id").notNull(),
    reading: jsonb().$type<Partial<Reading>>().notNull(),
    textColumn: text("text_column").notNull(),
    /** A column that has labels in some rows. */
    labelColumn: text("label_column"),
    classes: jsonb().$type<LabellingClass[]>().notNull(),
    status: text({ enum: ["preparing", "ready", "failed"] })
      .notNull()
      .default("preparing"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    drawn: jsonb().$type<Drawn>(),
    /** Grows with every answer; the ranking is of an earlier one until the worker has caught up. */
    revision: integer().notNull().default(0),
    rankedRevision: integer("ranked_revision").notNull().default(-1),
    progress: jsonb().$type<LabellingProgress>(),
    temperature: real().notNull().default(1),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.fileId], foreignColumns: [files.tenantId, files.id] }).onDelete(
      "cascade",
    ),
  ],
);

export interface Guess {
  /** Class number; the one behind the last class says "none of these". */
  label: number;
  confidence: number;
}

/** One different text, in the random order of its place; equal texts are one row with a number of copies. */
export const labellingTexts = pgTable(
  "labelling_texts",
  {
    tenantId: tenantId(),
    setId: text("set_id").notNull(),
    place: integer().notNull(),
    text: text().notNull(),
    line: integer().notNull(),
    copies: integer().notNull(),
    state: text({ enum: ["open", "labelled", "none", "skipped"] })
      .notNull()
      .default("open"),
    /** Class number; set in state `labelled` alone. */
    label: integer(),
    /** A user id, a key id, or `file`. */
    answeredBy: text("answered_by"),
    answeredAt: at("answered_at"),
    /** Who has it on the screen, so that no two people answer the same text. */
    heldBy: text("held_by"),
    heldUntil: at("held_until"),
    /** Its turn in the newest ranking; null: not among the next ones. */
    rank: integer(),
    guesses: jsonb().$type<Guess[]>(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.setId, t.place] }),
    index("labelling_texts_open").on(t.tenantId, t.setId, t.state, t.rank),
    foreignKey({
      columns: [t.tenantId, t.setId],
      foreignColumns: [labellingSets.tenantId, labellingSets.id],
    }).onDelete("cascade"),
  ],
);

/** What the newest head thinks of every text, in the order of their places. */
export const labellingGuesses = pgTable(
  "labelling_guesses",
  {
    tenantId: tenantId(),
    setId: text("set_id").notNull(),
    labels: integer().array().notNull(),
    confidences: real().array().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.setId] }),
    foreignKey({
      columns: [t.tenantId, t.setId],
      foreignColumns: [labellingSets.tenantId, labellingSets.id],
    }).onDelete("cascade"),
  ],
);
