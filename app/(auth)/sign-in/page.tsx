import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { hasIssuer } from "@/lib/auth";
import { currentPerson } from "@/lib/page-session";
import { ownPath, type SearchProps, single } from "../next-path";
import { Panel } from "../panel";
import { SignInForm } from "./sign-in-form";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("signIn.title") };
}

export default async function SignInPage({ searchParams }: SearchProps) {
  const asked = await searchParams;
  const next = ownPath(asked.next);
  if (await currentPerson()) redirect(next ?? "/start");
  const t = await getTranslations("auth");
  return (
    <Panel
      title={t("signIn.title")}
      footer={t.rich("signIn.noAccount", {
        a: (chunks) => (
          <Link href="/sign-up" className="link">
            {chunks}
          </Link>
        ),
      })}
    >
      <SignInForm
        next={next ?? "/start"}
        email={single(asked.email)}
        hasIssuer={hasIssuer()}
        failure={single(asked.error)}
      />
    </Panel>
  );
}
