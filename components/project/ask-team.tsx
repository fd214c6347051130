"use client";
import { MessageCircleQuestion } from "lucide-react";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

interface Props {
  slug: string;
  /** What the reader was looking at; without it a project of its own begins. */
  about?: { kind: "file" | "dataset" | "model" | "job" | "labelling"; id: string };
  variant?: "primary" | "secondary" | "ghost";
}

/** The way out of every place where a customer may be stuck. */
export function AskTeam({ slug, about, variant = "secondary" }: Props) {
  const t = useTranslations("projects");
  return (
    <FormDialog
      variant={variant}
      trigger={
        <>
          <MessageCircleQuestion aria-hidden />
          {t("ask")}
        </>
      }
      title={t("askTitle")}
      description={t("askText")}
      action={t("askSend")}
      done={t("askSent")}
      fields={["question"]}
      send={async ({ question }) =>
        void (await call("/api/projects", { tenant: slug, body: { question, ...(about ? { about } : {}) } }))
      }
    >
      {(errorOf) => (
        <Field label={t("askQuestion")} error={errorOf("question")} required>
          <Textarea name="question" rows={5} maxLength={5000} />
        </Field>
      )}
    </FormDialog>
  );
}
