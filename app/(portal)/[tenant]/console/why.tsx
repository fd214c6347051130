"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useErrorText } from "@/components/use-error-text";
import type { Explanation } from "@/lib/ml/contract";
import { ExplanationView } from "./explanation";
import type { Row } from "./row-fields";

interface Props {
  slug: string;
  model: string;
  /** Whether gradients explain it too. */
  hasGradients?: boolean;
  row: Row;
}

/** Why an answer is what it is, asked when a person wants to know. */
export function Why({ slug, model, hasGradients = false, row }: Props) {
  const t = useTranslations("insight.explanation");
  const errorText = useErrorText();
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const ask = async (method: Explanation["method"]) => {
    setIsBusy(true);
    setError(null);
    try {
      const { data } = await call<{ data: { explanation: Explanation }[] }>("/v1/predictions", {
        tenant: slug,
        body: { model, input: row, top_k: 5, explain: method },
      });
      setExplanation(data[0]?.explanation ?? null);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  const other = explanation?.method === "occlusion" ? "integrated_gradients" : "occlusion";
  return (
    <div className="mt-3" aria-live="polite">
      {explanation && <ExplanationView key={explanation.method} row={row} explanation={explanation} />}
      {explanation === null ? (
        <Button variant="secondary" size="sm" onClick={() => ask("occlusion")} isLoading={isBusy}>
          {t("ask")}
        </Button>
      ) : (
        hasGradients && (
          <Button variant="ghost" size="sm" onClick={() => ask(other)} isLoading={isBusy} className="mt-2">
            {t(other === "occlusion" ? "occlusion" : "gradients")}
          </Button>
        )
      )}
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
    </div>
  );
}
