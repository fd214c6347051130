"use client";
import { KeyRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { CodeBlock } from "@/components/code-block";
import { Dialog } from "@/components/dialog";
import { Checkbox, Field, Input, Select } from "@/components/field";
import { useSubmit } from "@/components/use-submit";
import type { KeyScope } from "@/lib/permissions";

const EXPIRIES = [30, 90, 365, null] as const;
/** What a program needs that only asks a model. */
const USUAL: readonly KeyScope[] = ["models.read", "predictions.create"];

interface Props {
  slug: string;
  scopes: readonly KeyScope[];
  address: string;
}

export function CreateKey(props: Props) {
  const t = useTranslations("settings.keys");
  const [isOpen, setIsOpen] = useState(false);
  const router = useRouter();
  const [key, setKey] = useState<string | null>(null);
  /** The list is read anew only now: the page with its first key is another one, and would drop this dialog. */
  const change = (open: boolean) => {
    setIsOpen(open);
    if (open || key === null) return;
    setKey(null);
    router.refresh();
  };
  return (
    <Dialog
      open={isOpen}
      onOpenChange={change}
      title={key === null ? t("createTitle") : t("madeTitle")}
      description={key === null ? t("createText") : t("madeText")}
      trigger={
        <Button size="sm">
          <KeyRound aria-hidden />
          {t("create")}
        </Button>
      }
    >
      {key === null ? (
        <KeyForm {...props} onMade={setKey} />
      ) : (
        <div className="grid gap-4">
          <CodeBlock language={t("key")} code={key} />
          <CodeBlock
            language="curl"
            code={`curl ${props.address}/v1/models \\\n  -H "authorization: Bearer ${key}"`}
          />
          <div className="flex justify-end">
            <Button onClick={() => change(false)}>{t("kept")}</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function KeyForm({ slug, scopes, onMade }: Props & { onMade: (key: string) => void }) {
  const t = useTranslations("settings.keys");
  const [chosen, setChosen] = useState<readonly KeyScope[]>(USUAL.filter((scope) => scopes.includes(scope)));
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(
    ["name", "scopes", "requestsPerMinute", "tokensPerMinute"],
    async (values) => {
      const days = values.expiry === "" ? null : Number(values.expiry);
      const limitOf = (text = "") => (text === "" ? null : Number(text));
      const body = {
        ...{ name: values.name, scopes: chosen, expiresInDays: days },
        requestsPerMinute: limitOf(values.requestsPerMinute),
        tokensPerMinute: limitOf(values.tokensPerMinute),
      };
      const made = await call<{ key: string }>("/api/keys", { tenant: slug, body });
      onMade(made.key);
    },
  );
  const toggle = (scope: KeyScope, isOn: boolean) =>
    setChosen(isOn ? [...chosen, scope] : chosen.filter((one) => one !== scope));
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Field label={t("name")} hint={t("nameHint")} error={errorOf("name")} required>
        <Input name="name" maxLength={120} autoComplete="off" />
      </Field>
      <Field label={t("expiry")}>
        <Select name="expiry" defaultValue="365">
          {EXPIRIES.map((days) => (
            <option key={days ?? "never"} value={days ?? ""}>
              {days === null ? t("noExpiry") : t("inDays", { days })}
            </option>
          ))}
        </Select>
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        {(["requestsPerMinute", "tokensPerMinute"] as const).map((name) => (
          <Field key={name} label={t(name)} hint={t("limitHint")} error={errorOf(name)}>
            <Input name={name} type="number" min={1} step={1} />
          </Field>
        ))}
      </div>
      <fieldset className="grid gap-2">
        <legend className="mb-1.5 text-sm font-medium">{t("scopes")}</legend>
        {errorOf("scopes") && <Alert tone="bad">{errorOf("scopes")}</Alert>}
        <div className="grid gap-2 sm:grid-cols-2">
          {scopes.map((scope) => (
            <Checkbox
              key={scope}
              label={<code className="text-xs">{scope}</code>}
              hint={t(`scopeTexts.${scope.replace(".", "_")}`)}
              checked={chosen.includes(scope)}
              onCheckedChange={(isOn) => toggle(scope, isOn)}
            />
          ))}
        </div>
      </fieldset>
      <div className="flex justify-end">
        <Button type="submit" isLoading={isBusy} disabled={chosen.length === 0}>
          {t("create")}
        </Button>
      </div>
    </form>
  );
}
