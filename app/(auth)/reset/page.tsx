import type { Metadata } from "next";
import { headers } from "next/headers";
import { getTranslations } from "next-intl/server";
import { isOutboxOpen } from "@/lib/mails";
import { ResetForm } from "./reset-form";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("reset.title") };
}

export default async function ResetPage() {
  return <ResetForm hasOutbox={isOutboxOpen((await headers()).get("host"))} />;
}
