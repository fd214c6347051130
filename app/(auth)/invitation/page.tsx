import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { readInvitation } from "@/lib/invitations";
import { currentPerson } from "@/lib/page-session";
import { type SearchProps, single } from "../next-path";
import { Panel } from "../panel";
import { AcceptForm, SignOutButton } from "./accept-form";

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("auth"))("invitation.title"), referrer: "no-referrer" };
}

export default async function InvitationPage({ searchParams }: SearchProps) {
  const token = single((await searchParams).token);
  const [t, invitation, person] = await Promise.all([
    getTranslations("auth"),
    readInvitation(token),
    currentPerson(),
  ]);
  if (!invitation) return <Panel title={t("invitation.spentTitle")} text={t("invitation.spentText")} />;
  const { organisation, email, role, hasAccount } = invitation;
  const isOther = person !== null && person.email !== email;
  return (
    <Panel
      title={t("invitation.heading", { organisation })}
      text={t.rich("invitation.text", { email, b: (chunks) => <strong>{chunks}</strong> })}
    >
      <div className="mb-5">
        <Badge tone="info">{t(`roles.${role}.name`)}</Badge>
        <p className="text-ink-2 mt-1.5 text-sm">{t(`roles.${role}.text`)}</p>
      </div>
      {isOther ? (
        <div className="flex flex-col gap-3">
          <p className="text-sm">{t("invitation.other", { email: person.email })}</p>
          <SignOutButton />
        </div>
      ) : hasAccount && !person ? (
        <Button asChild className="w-full">
          <Link href={`/sign-in?${new URLSearchParams({ email, next: `/invitation?token=${token}` })}`}>
            {t("invitation.signInFirst")}
          </Link>
        </Button>
      ) : (
        <AcceptForm token={token} isNew={person === null} role={role} />
      )}
    </Panel>
  );
}
