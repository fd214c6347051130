import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { membershipsOfPerson, requirePerson } from "@/lib/page-session";
import { SignOutButton } from "../invitation/accept-form";
import { Panel } from "../panel";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("start.title") };
}

/** Where a person goes after sign-in. */
export default async function StartPage() {
  const person = await requirePerson();
  const [first] = await membershipsOfPerson(person);
  if (first) redirect(first.role === "tester" ? `/${first.slug}/console` : `/${first.slug}`);
  if (person.staffRole !== null) redirect("/desk");
  const t = await getTranslations("auth");
  return (
    <Panel title={t("start.title")} text={t("start.text", { email: person.email })}>
      <div className="flex flex-col gap-2.5">
        <Button asChild className="w-full">
          <Link href="/inquiry">{t("start.action")}</Link>
        </Button>
        <SignOutButton />
      </div>
    </Panel>
  );
}
