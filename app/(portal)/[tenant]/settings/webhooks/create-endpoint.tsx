"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { CodeBlock } from "@/components/code-block";
import { Dialog } from "@/components/dialog";
import { Checkbox, Field, Input } from "@/components/field";
import { useSubmit } from "@/components/use-submit";
import { EVENT_TYPES, type EventType } from "@/lib/webhook-types";

export function CreateEndpoint({ slug }: { slug: string }) {
  const t = useTranslations("settings.webhooks");
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const change = (open: boolean) => {
    setIsOpen(open);
    if (open || secret === null) return;
    setSecret(null);
    router.refresh();
  };
  return (
    <Dialog
      open={isOpen}
      onOpenChange={change}
      title={secret === null ? t("create") : t("secretTitle")}
      description={secret === null ? t("createText") : t("secretText")}
      trigger={<Button size="sm">{t("create")}</Button>}
    >
      {secret === null ? (
        <EndpointForm slug={slug} onMade={setSecret} />
      ) : (
        <div className="grid gap-4">
          <CodeBlock language={t("secret")} code={secret} />
          <Button className="justify-self-end" onClick={() => change(false)}>
            {t("kept")}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function EndpointForm({ slug, onMade }: { slug: string; onMade: (secret: string) => void }) {
  const t = useTranslations("settings.webhooks");
  const [chosen, setChosen] = useState<readonly EventType[]>([]);
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["url", "description"], async (values) => {
    const body = { url: values.url, description: values.description, events: chosen };
    onMade((await call<{ secret: string }>("/v1/webhook_endpoints", { tenant: slug, body })).secret);
  });
  const toggle = (type: EventType, isOn: boolean) =>
    setChosen(isOn ? [...chosen, type] : chosen.filter((one) => one !== type));
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Field label={t("url")} hint={t("urlHint")} error={errorOf("url")} required>
        <Input
          name="url"
          type="url"
          maxLength={2000}
          placeholder="https://example.com/graft"
          autoComplete="off"
        />
      </Field>
      <Field label={t("description")} error={errorOf("description")}>
        <Input name="description" maxLength={200} autoComplete="off" />
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1.5 text-sm font-medium">{t("events")}</legend>
        <p className="text-ink-3 text-xs">{t("eventsHint")}</p>
        <div className="grid gap-2 sm:grid-cols-2">
          {EVENT_TYPES.map((type) => (
            <Checkbox
              key={type}
              label={<code className="text-xs">{type}</code>}
              checked={chosen.includes(type)}
              onCheckedChange={(isOn) => toggle(type, isOn)}
            />
          ))}
        </div>
      </fieldset>
      <Button type="submit" className="justify-self-end" isLoading={isBusy}>
        {t("create")}
      </Button>
    </form>
  );
}
