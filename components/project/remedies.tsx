import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import type { ProjectView } from "@/lib/project-view";
import { RemedyActions } from "./remedy-actions";
import type { Where } from "./where";

type RemedyView = ProjectView["milestones"][number]["remedies"][number];

const TONES = { proposed: "info", accepted: "good", declined: "bad", withdrawn: "neutral" } as const;

interface Props {
  remedies: readonly RemedyView[];
  where: Where;
  may: { sign: boolean; submit: boolean };
}

/** What was proposed about a missed milestone, and what became of it: the document that is signed, line by line. */
export async function Remedies({ remedies, where, may }: Props) {
  const [t, format] = await Promise.all([getTranslations("projects.remedies"), getFormatter()]);
  const { amount } = wordsOf((await getLocale()) as Locale);
  return remedies.map(({ id, state, document, sha256, signature }) => (
    <div key={id} className="bg-sunken grid gap-1.5 rounded-md px-3 py-2">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">
          {t(`said.${document.kind}`, { off: amount(document.off, document.currency) })}
        </span>
        <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>
      </p>
      <p className="text-ink-2 max-w-prose break-words whitespace-pre-wrap">{document.words}</p>
      <ul className="text-ink-2 grid gap-0.5 text-xs">
        {document.lines.map((line) => (
          <li key={`${line.invoice?.id} ${line.key}`} className="flex flex-wrap justify-between gap-x-4">
            <span className="min-w-0 break-words">
              {line.invoice ? t("ofInvoice", { title: line.title, number: line.invoice.number }) : line.title}
            </span>
            <span className="figures">
              {t("offOf", {
                off: amount(line.off, document.currency),
                open: amount(line.open, document.currency),
              })}
            </span>
          </li>
        ))}
      </ul>
      {signature && (
        <p className="text-ink-2 text-xs">
          {t("signedBy", {
            name: signature.name,
            day: format.dateTime(signature.signedAt, { dateStyle: "long", timeStyle: "short" }),
            address: signature.address,
          })}
        </p>
      )}
      <p className="text-ink-3 font-mono text-xs break-all">{t("document", { hash: sha256 })}</p>
      {state === "proposed" && (
        <RemedyActions remedy={{ id, sha256, kind: document.kind }} where={where} may={may} />
      )}
    </div>
  ));
}
