/** Every mail in both languages. Nothing that a stranger typed goes into a mail, but an organisation's name. */
export type Locale = "en" | "zh";
export type MailKind = "confirm" | "known" | "reset" | "invitation" | "prospect";
export interface MailData {
  link: string;
  organisation?: string;
}
type Text = (data: MailData) => { subject: string; body: string };

const IGNORE = {
  en: "If this was not you, ignore this mail: nothing happens without the link.",
  zh: "如果这不是您的操作，请忽略此邮件：不点击链接就不会发生任何变化。",
};

const TEXTS: Record<MailKind, Record<Locale, Text>> = {
  confirm: {
    en: ({ link }) => ({
      subject: "Confirm your e-mail address",
      body: `Open this link within 24 hours to finish your sign-up at Graft:\n\n${link}\n\n${IGNORE.en}\n`,
    }),
    zh: ({ link }) => ({
      subject: "请确认您的邮箱",
      body: `请在 24 小时内打开以下链接，完成 Graft 注册：\n\n${link}\n\n${IGNORE.zh}\n`,
    }),
  },
  known: {
    en: ({ link }) => ({
      subject: "You already have an account",
      body: `Somebody asked to sign up at Graft with this address, which has an account already. Sign in, or choose a new password, here:\n\n${link}\n\n${IGNORE.en}\n`,
    }),
    zh: ({ link }) => ({
      subject: "您已有账号",
      body: `有人使用此邮箱申请注册 Graft，但该邮箱已有账号。请在此登录或重设密码：\n\n${link}\n\n${IGNORE.zh}\n`,
    }),
  },
  reset: {
    en: ({ link }) => ({
      subject: "Choose a new password",
      body: `Open this link within one hour to choose a new password for Graft. It signs you out everywhere:\n\n${link}\n\n${IGNORE.en}\n`,
    }),
    zh: ({ link }) => ({
      subject: "重设密码",
      body: `请在一小时内打开以下链接，重设您的 Graft 密码。重设后所有设备都会退出登录：\n\n${link}\n\n${IGNORE.zh}\n`,
    }),
  },
  invitation: {
    en: ({ link, organisation }) => ({
      subject: `Invitation to ${organisation}`,
      body: `You are invited to join ${organisation} at Graft. The link is valid for 7 days:\n\n${link}\n\n${IGNORE.en}\n`,
    }),
    zh: ({ link, organisation }) => ({
      subject: `邀请您加入 ${organisation}`,
      body: `您受邀加入 Graft 上的 ${organisation}。链接 7 天内有效：\n\n${link}\n\n${IGNORE.zh}\n`,
    }),
  },
  prospect: {
    en: ({ link, organisation }) => ({
      subject: "We have your inquiry",
      body: `Thank you for asking us. We opened a place for ${organisation} at Graft, where you can show us a sample of your data, follow what we do and read our offer. It costs nothing. The link is valid for 7 days:\n\n${link}\n\n${IGNORE.en}\n`,
    }),
    zh: ({ link, organisation }) => ({
      subject: "我们已收到您的咨询",
      body: `感谢您的咨询。我们已在 Graft 为 ${organisation} 开设空间：您可以上传样本数据、查看进展并阅读我们的报价，完全免费。链接 7 天内有效：\n\n${link}\n\n${IGNORE.zh}\n`,
    }),
  },
};

export const mailText = (kind: MailKind, locale: Locale, data: MailData) => TEXTS[kind][locale](data);

/** The language that the asking browser chose. */
export function localeOf(request: Request): Locale {
  return /(?:^|;\s*)graft_locale=zh\b/.test(request.headers.get("cookie") ?? "") ? "zh" : "en";
}
