import type { Metadata } from "next";
import { headers } from "next/headers";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { isOutboxOpen } from "@/lib/mails";
import { isSignUpOpen } from "@/lib/platform-settings";
import { Panel } from "../panel";
import { SignUpForm } from "./sign-up-form";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("signUp.title") };
}

export default async function SignUpPage() {
  const t = await getTranslations("auth");
  const footer = t.rich("signUp.hasAccount", {
    a: (chunks) => (
      <Link href="/sign-in" className="link">
        {chunks}
      </Link>
    ),
  });
  if (!(await isSignUpOpen()))
    return (
      <Panel title={t("signUp.closedTitle")} text={t("signUp.closedText")} footer={footer}>
        <Button asChild className="w-full">
          <Link href="/inquiry?way=call">{t("signUp.closedAction")}</Link>
        </Button>
      </Panel>
    );
  return <SignUpForm footer={footer} hasOutbox={isOutboxOpen((await headers()).get("host"))} />;
}
