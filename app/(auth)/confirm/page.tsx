import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { type SearchProps, single } from "../next-path";
import { ConfirmForm } from "./confirm-form";

export async function generateMetadata(): Promise<Metadata> {
  // The address holds a one-time link: it must not travel to other sites.
  return { title: (await getTranslations("auth"))("confirm.title"), referrer: "no-referrer" };
}

export default async function ConfirmPage({ searchParams }: SearchProps) {
  return <ConfirmForm token={single((await searchParams).token)} />;
}
