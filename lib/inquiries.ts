import { desc } from "drizzle-orm";
import { inquiries } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import { createId } from "./id";

/** The three ways in: call a model, have one made, learn from my data. */
export const WAYS = ["call", "custom", "insight"] as const;

export async function createInquiry(input: {
  way: (typeof WAYS)[number];
  name: string;
  email: string;
  company: string;
  message: string;
}): Promise<string> {
  const id = createId("inquiry");
  await forPlatform((tx) => tx.insert(inquiries).values({ id, ...input }));
  return id;
}

export const listInquiries = (limit = 200) =>
  forPlatform((tx) => tx.select().from(inquiries).orderBy(desc(inquiries.createdAt)).limit(limit));
