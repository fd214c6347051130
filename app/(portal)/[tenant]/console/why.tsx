"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useErrorText } from "@/components/use-error-text";
import type { Explanation } from "@/lib/ml/contract";
import { ExplanationView } from "./explanation";

interface Props {
  slug: string;
  model: string;
  text: string;
}

/** Why an answer is what it is, asked when a person wants to know. */
export function Why({ slug, model, text }: Props) {
  const t = useTranslations("insight.explanation");
  const errorText = useErrorText();
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const ask = async () => {
    setIsBusy(true);
    setError(null);
    try {
      const { data } = await call<{ data: { explanation: Explanation }[] }>("/v1/predictions", {
        tenant: slug,
        body: { model, input: text, top_k: 5, explain: true },
      });
      setExplanation(data[0]?.explanation ?? null);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className="mt-3" aria-live="polite">
      {explanation ? (
        <ExplanationView text={text} explanation={explanation} />
      ) : (
        <Button variant="secondary" size="sm" onClick={ask} isLoading={isBusy}>
          {t("ask")}
        </Button>
      )}
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
    </div>
  );
}
