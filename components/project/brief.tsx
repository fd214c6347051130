"use client";
import { useRouter } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input, Select, Textarea } from "@/components/field";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";
import type { Brief } from "@/lib/scope";
import type { Where } from "./where";

const QUESTIONS = ["decision", "rowsPerMonth", "errorCosts", "languages", "deadline", "privacy"] as const;
type Question = (typeof QUESTIONS)[number];
const HINTED = ["decision", "rowsPerMonth", "errorCosts", "languages"] as const;
const PRIVACIES = ["public", "internal", "personal", "sensitive"] as const;
const hasHint = (question: Question): question is (typeof HINTED)[number] =>
  (HINTED as readonly string[]).includes(question);

/** One question after the other; what is answered stands below and can be changed. */
export function BriefCard({ brief, where, mayWrite }: { brief: Brief; where: Where; mayWrite: boolean }) {
  const t = useTranslations("projects.brief");
  const format = useFormatter();
  const [wanted, setWanted] = useState<Question | null>(null);
  const open = wanted ?? QUESTIONS.find((question) => brief[question] === undefined) ?? null;
  const textOf = (question: Question): string | null => {
    const answer = brief[question];
    if (answer === undefined) return null;
    if (question === "privacy") return t(`privacies.${answer as (typeof PRIVACIES)[number]}`);
    if (typeof answer === "number") return format.number(answer);
    return Array.isArray(answer) ? answer.join(", ") : answer;
  };
  return (
    <Card title={t("title")} description={open === null ? t("done") : t("text")} isFlush>
      {mayWrite && open && (
        <QuestionForm key={open} question={open} brief={brief} where={where} onDone={() => setWanted(null)} />
      )}
      <dl className="divide-y">
        {QUESTIONS.map((question) => (
          <div key={question} className="px-4 py-3 text-sm sm:px-5">
            <dt className="text-ink-3 text-xs">{t(question)}</dt>
            <dd className="mt-0.5 flex items-start justify-between gap-3">
              <span className="min-w-0 break-words whitespace-pre-wrap">
                {textOf(question) ?? <span className="text-ink-3">{t("unanswered")}</span>}
              </span>
              {mayWrite && question !== open && (
                <Button variant="ghost" size="sm" className="-my-1" onClick={() => setWanted(question)}>
                  {t("change")}
                  <span className="sr-only">: {t(question)}</span>
                </Button>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

interface FormProps {
  question: Question;
  brief: Brief;
  where: Where;
  onDone: () => void;
}
function QuestionForm({ question, brief, where, onDone }: FormProps) {
  const t = useTranslations("projects.brief");
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit([question], async ({ answer = "" }) => {
    const body = { [question]: valueOfAnswer(question, answer) };
    await call(`${where.base}/brief`, { method: "PATCH", tenant: where.tenant, body });
    onDone();
    router.refresh();
  });
  const before = brief[question];
  const text = Array.isArray(before) ? before.join(", ") : String(before ?? "");
  const control = { name: "answer", defaultValue: text, required: true };
  return (
    <form onSubmit={onSubmit} className="bg-accent-soft/40 grid gap-3 border-b px-4 py-4 sm:px-5">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <p className="text-ink-3 text-xs">
        {t("progress", { at: QUESTIONS.indexOf(question) + 1, of: QUESTIONS.length })}
      </p>
      <Field
        label={t(question)}
        hint={hasHint(question) ? t(`${question}Hint`) : undefined}
        error={errorOf(question)}
      >
        {question === "decision" || question === "errorCosts" ? (
          <Textarea rows={3} maxLength={2000} {...control} />
        ) : question === "privacy" ? (
          <Select {...control} defaultValue={text || "internal"}>
            {PRIVACIES.map((one) => (
              <option key={one} value={one}>
                {t(`privacies.${one}`)}
              </option>
            ))}
          </Select>
        ) : (
          <Input type={TYPES[question]} min={question === "rowsPerMonth" ? 0 : undefined} {...control} />
        )}
      </Field>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("next")}
      </SubmitButton>
    </form>
  );
}

const TYPES = { rowsPerMonth: "number", languages: "text", deadline: "date" } as const;

function valueOfAnswer(question: Question, answer: string): unknown {
  if (question === "rowsPerMonth") return Number(answer);
  if (question !== "languages") return answer;
  return answer
    .split(/[,，、]/)
    .map((one) => one.trim())
    .filter(Boolean);
}
