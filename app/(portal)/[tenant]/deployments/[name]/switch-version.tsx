"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { FormDialog } from "@/components/form-dialog";
import { type Version, VersionSelect } from "../version-select";
import { Force } from "./force";

interface Of {
  slug: string;
  name: string;
}

export function Promote({
  slug,
  name,
  versions,
  examples,
}: Of & { versions: readonly Version[]; examples: number }) {
  const t = useTranslations("serving.promote");
  return (
    <FormDialog
      trigger={t("action")}
      title={t("action")}
      description={t("text", { count: examples })}
      action={t("confirm")}
      done={t("done")}
      fields={[]}
      send={async ({ model, force }) => {
        await call(`/v1/deployments/${name}/promote`, {
          tenant: slug,
          body: { model, force: force === "on" },
        });
      }}
    >
      {() => (
        <>
          <VersionSelect versions={versions} />
          <Force examples={examples} />
        </>
      )}
    </FormDialog>
  );
}

export function RollBack({ slug, name, to }: Of & { to: string }) {
  const t = useTranslations("serving.rollBack");
  const router = useRouter();
  return (
    <ConfirmButton
      title={t("title")}
      text={
        <>
          {t("text")}
          <span className="mt-2 block font-mono text-xs break-all">{to}</span>
        </>
      }
      action={t("action")}
      tone="primary"
      onConfirm={async () => {
        await call(`/v1/deployments/${name}/rollback`, { tenant: slug, method: "POST" });
        toast.success(t("done"));
        router.refresh();
      }}
    >
      {t("action")}
    </ConfirmButton>
  );
}

export function DeleteDeployment({ slug, name }: Of) {
  const t = useTranslations("serving.delete");
  const router = useRouter();
  return (
    <div className="flex justify-end">
      <ConfirmButton
        variant="ghost"
        title={t("title", { name })}
        text={t("text")}
        action={t("confirm")}
        onConfirm={async () => {
          await call(`/v1/deployments/${name}`, { tenant: slug, method: "DELETE" });
          router.push(`/${slug}/deployments`);
          router.refresh();
        }}
      >
        {t("action")}
      </ConfirmButton>
    </div>
  );
}
