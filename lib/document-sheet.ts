import { createRequire } from "node:module";
import { join } from "node:path";
import PDFDocument from "pdfkit";

/** An A4 page that documents are written on from top to bottom: letters, rows of figures, sums, a foot. */

const PAGE = { width: 595.28, height: 841.89, margin: 56 };
const RIGHT = PAGE.width - PAGE.margin;
/** The foot of a page is kept free. */
const BOTTOM = PAGE.height - PAGE.margin - 30;
const [INK, GREY, RULE] = ["#16181d", "#5b6270", "#d5d9e0"];
/** Where each column ends; figures are set from the right. */
const COLUMNS = { quantity: RIGHT - 165, unitPrice: RIGHT - 90, amount: RIGHT };
const DESCRIPTION_WIDTH = COLUMNS.quantity - 70 - PAGE.margin;

const installed = createRequire(join(process.cwd(), "package.json"));
const FONTS = {
  text: "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
  strong: "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
  textHan: "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
  strongHan: "@expo-google-fonts/noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf",
} as const;
const HAN = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;

interface Style {
  strong?: boolean;
  grey?: boolean;
  size?: number;
}

/** A page that is written from top to bottom, and goes on on the next one. */
export function openSheet(title: string, createdAt: Date) {
  const pdf = new PDFDocument({
    size: "A4",
    margins: { top: PAGE.margin, bottom: 0, left: PAGE.margin, right: PAGE.margin },
    bufferPages: true,
    info: { Title: title, CreationDate: createdAt, ModDate: createdAt },
  });
  const bytes: Buffer[] = [];
  pdf.on("data", (chunk: Buffer) => bytes.push(chunk));
  const ended = new Promise<Buffer>((done, failed) => {
    pdf.on("end", () => done(Buffer.concat(bytes)));
    pdf.on("error", failed);
  });
  const use = (text: string, { strong = false, grey = false, size = 9 }: Style = {}) => {
    const font = HAN.test(text) ? (strong ? "strongHan" : "textHan") : strong ? "strong" : "text";
    return pdf
      .font(installed.resolve(FONTS[font]))
      .fontSize(size)
      .fillColor(grey ? GREY : INK);
  };
  const heightOf = (text: string, width: number, style?: Style) =>
    use(text, style).heightOfString(text, { width });
  const room = (height: number, onNewPage?: () => void) => {
    if (pdf.y + height <= BOTTOM) return;
    pdf.addPage();
    onNewPage?.();
  };
  const put = (text: string, x: number, width: number, style: Style & { align?: "right" } = {}) => {
    const y = pdf.y;
    use(text, style).text(text, x, y, {
      width,
      align: style.align ?? "left",
      // Figures under each other are equally wide.
      features: style.align ? ["tnum"] : undefined,
    });
    const bottom = pdf.y;
    pdf.y = y;
    return bottom;
  };
  const whole = RIGHT - PAGE.margin;
  return {
    write(text: string, style?: Style) {
      room(heightOf(text, whole, style));
      pdf.y = put(text, PAGE.margin, whole, style) + 2;
    },
    skip(height: number) {
      pdf.y += height;
    },
    rule() {
      pdf.moveTo(PAGE.margin, pdf.y).lineTo(RIGHT, pdf.y).lineWidth(0.7).strokeColor(RULE).stroke();
      pdf.y += 6;
    },
    sideBySide(left: readonly string[], right: readonly string[]) {
      const top = pdf.y;
      for (const [i, text] of left.entries())
        pdf.y = put(text, PAGE.margin, whole / 2, { grey: i === 0 }) + 2;
      const bottom = pdf.y;
      pdf.y = top;
      for (const text of right) pdf.y = put(text, PAGE.margin + whole / 2, whole / 2, { align: "right" }) + 2;
      pdf.y = Math.max(pdf.y, bottom);
    },
    row(
      [description, quantity, unitPrice, amount]: readonly [string, string, string, string],
      { onNewPage, ...style }: Style & { onNewPage?: () => void } = {},
    ) {
      room(heightOf(description, DESCRIPTION_WIDTH, style) + 8, onNewPage);
      const right = { ...style, align: "right" } as const;
      put(quantity, COLUMNS.quantity - 70, 70, right);
      put(unitPrice, COLUMNS.unitPrice - 70, 70, right);
      put(amount, COLUMNS.amount - 85, 85, right);
      pdf.y = put(description, PAGE.margin, DESCRIPTION_WIDTH, style) + 6;
    },
    sum(name: string, amount: string, strong = false) {
      room(16);
      put(name, PAGE.margin, whole - 100, { strong, align: "right" });
      pdf.y = put(amount, RIGHT - 95, 95, { strong, align: "right" }) + 4;
    },
    close(foot: (page: number, pages: number) => string): Promise<Buffer> {
      const { count } = pdf.bufferedPageRange();
      for (let page = 0; page < count; page++) {
        pdf.switchToPage(page);
        pdf.y = PAGE.height - PAGE.margin;
        put(foot(page + 1, count), PAGE.margin, whole, { grey: true, size: 8 });
      }
      pdf.end();
      return ended;
    },
  };
}
