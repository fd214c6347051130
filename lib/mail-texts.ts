/** Every mail in both languages. Nothing that a stranger typed goes into a mail, but an organisation's name. */
export type Locale = "en" | "zh";
/** What happened in a project; the mail says that it did and where to look, and quotes nobody. */
export type ProjectMail =
  | "quote_sent"
  | "quote_decided"
  | "comment"
  | "question"
  | "grant_asked"
  | "grant_answered"
  | "milestone_passed"
  | "milestone_missed"
  | "milestone_reminder"
  | "milestone_decided"
  | "remedy_proposed";
/** What follows when an invoice is not paid. */
export type DunningMail = "reminder" | "trainings_paused" | "last_notice" | "calls_refused";
export type MailKind =
  | "confirm"
  | "known"
  | "reset"
  | "invitation"
  | "prospect"
  | "invoice"
  | "credit_note"
  | "limit_near"
  | "limit_reached"
  | "webhook_disabled"
  | DunningMail
  | ProjectMail;
export interface MailData {
  link: string;
  organisation?: string | undefined;
  /** Of a document. */
  number?: string | undefined;
}
type Text = (data: MailData) => { subject: string; body: string };

const IGNORE = {
  en: "If this was not you, ignore this mail: nothing happens without the link.",
  zh: "如果这不是您的操作，请忽略此邮件：不点击链接就不会发生任何变化。",
};

/** A mail of one sentence: subjects name the organisation, bodies are one sentence and the link. */
function project(en: string, zh: string, sentence: Record<Locale, string>): Record<Locale, Text> {
  const text =
    (subject: string, body: string): Text =>
    ({ link, organisation = "" }) => ({
      subject: subject.replace("{organisation}", organisation),
      body: `${body}\n\n${link}\n`,
    });
  return { en: text(en, sentence.en), zh: text(zh, sentence.zh) };
}

/** A mail about an invoice that is not paid; the invoice goes along. */
function overdue(en: string, zh: string, sentence: Record<Locale, string>): Record<Locale, Text> {
  return {
    en: ({ link, organisation, number }) => ({
      subject: `${en}: invoice ${number} for ${organisation}`,
      body: `Invoice ${number}, attached, ${sentence.en}\n\n${link}\n`,
    }),
    zh: ({ link, organisation, number }) => ({
      subject: `${zh}：${organisation} 的发票 ${number}`,
      body: `附件中的发票 ${number} ${sentence.zh}\n\n${link}\n`,
    }),
  };
}

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
  invoice: {
    en: ({ link, organisation, number }) => ({
      subject: `Invoice ${number} for ${organisation}`,
      body: `Please find invoice ${number} attached. Usage, earlier invoices and payments are here:\n\n${link}\n`,
    }),
    zh: ({ link, organisation, number }) => ({
      subject: `${organisation} 的发票 ${number}`,
      body: `附件为发票 ${number}。用量、历史发票和付款请见：\n\n${link}\n`,
    }),
  },
  credit_note: {
    en: ({ link, organisation, number }) => ({
      subject: `Credit note ${number} for ${organisation}`,
      body: `Please find credit note ${number} attached. It says which invoice it corrects, and by how much. Your invoices are here:\n\n${link}\n`,
    }),
    zh: ({ link, organisation, number }) => ({
      subject: `${organisation} 的贷记单 ${number}`,
      body: `附件为贷记单 ${number}，其中写明更正的发票和金额。您的发票请见：\n\n${link}\n`,
    }),
  },
  limit_near: project("A spending limit of {organisation} is near", "{organisation} 的消费接近上限", {
    en: "An amount at which you asked to be told was passed this month. Everything goes on; what was used and every limit are here:",
    zh: "本月已超过您设定的提醒额度。服务照常进行；用量及各项上限请见：",
  }),
  limit_reached: project("A limit of {organisation} is reached", "{organisation} 已达到上限", {
    en: "A limit that you set is reached. What falls under it is refused until the month ends or the limit is raised:",
    zh: "已达到您设定的上限。在本月结束或提高上限之前，受其限制的调用将被拒绝：",
  }),
  webhook_disabled: project("A webhook of {organisation} is disabled", "{organisation} 的 Webhook 已停用", {
    en: "It did not take what we sent for days, or said that it is gone. Nothing is sent to it any more; what failed can be sent again once it is enabled:",
    zh: "该地址多日未能接收我们的消息，或表示已失效。我们已停止发送；重新启用后可再次发送失败的消息：",
  }),
  reminder: overdue("Reminder", "付款提醒", {
    en: "has not been paid yet. If you have paid it meanwhile, ignore this mail.",
    zh: "尚未付款。若您已付款，请忽略此邮件。",
  }),
  trainings_paused: overdue("Overdue: trainings are paused", "逾期：训练已暂停", {
    en: "is two weeks overdue. New trainings wait until it is paid; your models answer as before.",
    zh: "已逾期两周。付款之前新的训练将等待；您的模型照常应答。",
  }),
  last_notice: overdue("Last notice before calls are refused", "停止调用前的最后通知", {
    en: "is three weeks overdue. In seven days calls to your models will be refused until it is paid.",
    zh: "已逾期三周。七天后，在付款之前对模型的调用将被拒绝。",
  }),
  calls_refused: overdue("Calls are refused", "调用已被拒绝", {
    en: "is four weeks overdue. Calls to your models are refused from now on; with its payment everything goes on at once.",
    zh: "已逾期四周。即日起对模型的调用将被拒绝；付款后立即恢复。",
  }),
  quote_sent: project("A quote for {organisation}", "给 {organisation} 的报价", {
    en: "There is a quote to read, to sign or to decline:",
    zh: "有一份报价等待您阅读、签署或拒绝：",
  }),
  quote_decided: project("{organisation} has decided on the quote", "{organisation} 已对报价作出决定", {
    en: "The customer has signed or declined the quote:",
    zh: "客户已签署或拒绝报价：",
  }),
  comment: project("A message in the project of {organisation}", "{organisation} 的项目有新留言", {
    en: "Somebody wrote to you in the project:",
    zh: "项目中有人给您留言：",
  }),
  question: project("{organisation} asks for help", "{organisation} 请求协助", {
    en: "A customer asks our team:",
    zh: "客户向我们的团队提问：",
  }),
  grant_asked: project("May we look at rows of {organisation}?", "能否查看 {organisation} 的数据行？", {
    en: "We ask to see rows of one of your datasets. Nobody sees any until you allow it, and for a few days only:",
    zh: "我们请求查看您某个数据集中的行。未经您允许，任何人都看不到；允许后也仅限数天：",
  }),
  grant_answered: project("{organisation} has answered about the rows", "{organisation} 已回复查看请求", {
    en: "The customer has decided whether you may see rows:",
    zh: "客户已决定您能否查看数据行：",
  }),
  milestone_passed: project("A milestone is reached at {organisation}", "{organisation} 的里程碑已达成", {
    en: "A model reached what was agreed. Please look at the measurement and accept it, or contest labels:",
    zh: "模型已达到约定的指标。请查看测量结果并验收，或对标签提出异议：",
  }),
  milestone_missed: project("A milestone was missed at {organisation}", "{organisation} 的里程碑未达成", {
    en: "A model did not reach what was agreed. The page says by how much, and what would help:",
    zh: "模型未达到约定的指标。页面说明了差距以及改进方法：",
  }),
  milestone_reminder: project(
    "A milestone waits for you at {organisation}",
    "{organisation} 的里程碑等待验收",
    {
      en: "A model reached what was agreed, and nobody has answered yet. Without an answer it counts as accepted at the end of the review:",
      zh: "模型已达到约定的指标，但尚无人答复。若审核期结束仍无答复，则视为验收通过：",
    },
  ),
  milestone_decided: project(
    "{organisation} has decided on a milestone",
    "{organisation} 已对里程碑作出决定",
    {
      en: "The customer has decided on a milestone:",
      zh: "客户已对里程碑作出决定：",
    },
  ),
  remedy_proposed: project(
    "A proposal about a missed milestone at {organisation}",
    "关于 {organisation} 未达成里程碑的提议",
    {
      en: "We propose how a missed milestone ends. Please read it, and sign or decline it:",
      zh: "我们就未达成的里程碑提出了处理方案，请阅读后签署或拒绝：",
    },
  ),
};

export const mailText = (kind: MailKind, locale: Locale, data: MailData) => TEXTS[kind][locale](data);

/** The language that the asking browser chose. */
export function localeOf(request: Request): Locale {
  return /(?:^|;\s*)graft_locale=zh\b/.test(request.headers.get("cookie") ?? "") ? "zh" : "en";
}
