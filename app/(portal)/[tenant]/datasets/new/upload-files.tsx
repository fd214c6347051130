"use client";
import { useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { Tabs } from "@/components/tabs";
import { ChooseFiles } from "./choose-files";
import { PasteRows } from "./paste-rows";

export function UploadFiles({ slug, maxMegabytes }: { slug: string; maxMegabytes: number }) {
  const t = useTranslations("portal.upload");
  return (
    <Card>
      <Tabs
        label={t("title")}
        tabs={[
          {
            value: "file",
            label: t("fromFile"),
            content: <ChooseFiles slug={slug} maxMegabytes={maxMegabytes} />,
          },
          { value: "paste", label: t("fromPaste"), content: <PasteRows slug={slug} /> },
        ]}
      />
    </Card>
  );
}
