import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { type SearchProps, single } from "../../next-path";
import { NewPasswordForm } from "./new-password-form";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("newPassword.title"), referrer: "no-referrer" };
}

export default async function NewPasswordPage({ searchParams }: SearchProps) {
  return <NewPasswordForm token={single((await searchParams).token)} />;
}
