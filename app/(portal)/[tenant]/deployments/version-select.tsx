"use client";
import { useFormatter, useTranslations } from "next-intl";
import { Field, Select } from "@/components/field";

export interface Version {
  name: string;
  /** Unix seconds. */
  created: number;
}

/** Which version, the newest first; a full name tells two of one training set apart only at its end. */
export function VersionSelect({
  versions,
  error,
}: {
  versions: readonly Version[];
  error?: string | undefined;
}) {
  const t = useTranslations("serving");
  const format = useFormatter();
  const when = (created: number) =>
    format.dateTime(new Date(created * 1000), { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return (
    <Field label={t("version")} error={error} required>
      <Select name="model">
        {versions.map(({ name, created }) => (
          <option key={name} value={name}>
            {`${name} (${when(created)})`}
          </option>
        ))}
      </Select>
    </Field>
  );
}
