import type { Metadata } from "next";
import { headers } from "next/headers";
import { getTranslations } from "next-intl/server";
import { OutboxLink } from "@/app/(auth)/outbox-link";
import { Card } from "@/components/card";
import { listInvitations } from "@/lib/invitations";
import { isOutboxOpen } from "@/lib/mails";
import { listMembers } from "@/lib/members";
import { requireMember } from "@/lib/page-session";
import { InvitationTable } from "./invitation-table";
import { InviteDialog } from "./invite-dialog";
import { MemberTable } from "./member-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings.nav"))("members") };
}

export default async function MembersPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant: slug } = await params;
  const { actor, person } = await requireMember(slug, "members.read");
  const role = actor.permissions.has("members.manage") ? actor.role : null;
  const [members, invitations, t, request] = await Promise.all([
    listMembers(actor.tenantId),
    role ? listInvitations(actor.tenantId) : [],
    getTranslations("settings.members"),
    headers(),
  ]);
  return (
    <div className="grid gap-4">
      <Card
        title={t("title")}
        description={t("text")}
        actions={role && <InviteDialog slug={slug} ownRole={role} />}
        isFlush
      >
        <MemberTable slug={slug} members={members} ownId={person.userId} ownRole={role} />
      </Card>
      {invitations.length > 0 && role && (
        <Card title={t("invitations")} description={t("invitationsText")} isFlush>
          <InvitationTable slug={slug} invitations={invitations} ownRole={role} />
        </Card>
      )}
      {role && isOutboxOpen(request.get("host")) && (
        <p className="text-sm">
          <OutboxLink />
        </p>
      )}
    </div>
  );
}
