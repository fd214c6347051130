"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Select } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";
import type { FileProfile, Reading } from "@/lib/ml/contract";

const DELIMITERS = [",", ";", "\t", "|"] as const;
const ENCODINGS = ["utf-8", "windows-1252", "gb18030", "utf-16le", "utf-16be"];

/** How the bytes were read, each choice changeable; a change reads the file again. */
export function ReadingForm(props: {
  slug: string;
  fileId: string;
  reading: Reading;
  sheets: FileProfile["sheets"];
}) {
  const { slug, fileId, reading, sheets } = props;
  const t = useTranslations("portal.reading");
  const router = useRouter();
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const change = async (part: Partial<Reading>) => {
    setIsBusy(true);
    try {
      await call(`/api/files/${fileId}/reading`, {
        tenant: slug,
        body: { reading: { ...reading, ...part } },
      });
      router.refresh();
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setIsBusy(false);
    }
  };
  const encodings = ENCODINGS.includes(reading.encoding) ? ENCODINGS : [reading.encoding, ...ENCODINGS];
  return (
    <Card title={t("title")} description={t("text")}>
      <fieldset disabled={isBusy} className="grid grid-cols-1 gap-4 min-[26rem]:grid-cols-2 lg:grid-cols-4">
        <legend className="sr-only">{t("title")}</legend>
        <Field label={t("format")}>
          <Select
            value={reading.format}
            onChange={(event) => change({ format: event.currentTarget.value as Reading["format"] })}
            disabled={reading.format === "xlsx"}
          >
            {reading.format === "xlsx" ? (
              <option value="xlsx">XLSX</option>
            ) : (
              <>
                <option value="csv">CSV / TSV</option>
                <option value="jsonl">JSONL</option>
                <option value="tokens">{t("tokens")}</option>
              </>
            )}
          </Select>
        </Field>
        {reading.format === "xlsx" ? (
          <Field label={t("sheet")}>
            <Select value={reading.sheet} onChange={(event) => change({ sheet: event.currentTarget.value })}>
              {sheets.map((sheet) => (
                <option key={sheet.name} value={sheet.name}>
                  {t("sheetRows", { name: sheet.name, rows: sheet.rows })}
                </option>
              ))}
            </Select>
          </Field>
        ) : (
          <Field label={t("encoding")}>
            <Select
              value={reading.encoding}
              onChange={(event) => change({ encoding: event.currentTarget.value })}
            >
              {encodings.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {reading.format === "csv" && (
          <Field label={t("delimiter")}>
            <Select
              value={reading.delimiter}
              onChange={(event) => change({ delimiter: event.currentTarget.value })}
            >
              {DELIMITERS.map((one, i) => (
                <option key={one} value={one}>
                  {t(`delimiters.${i as 0}`)}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {(reading.format === "csv" || reading.format === "xlsx") && (
          <Field label={t("header")}>
            <Select
              value={String(reading.hasHeader)}
              onChange={(event) => change({ hasHeader: event.currentTarget.value === "true" })}
            >
              <option value="true">{t("withHeader")}</option>
              <option value="false">{t("withoutHeader")}</option>
            </Select>
          </Field>
        )}
      </fieldset>
    </Card>
  );
}
