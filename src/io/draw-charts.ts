/**
 * Charts as pictures, without a browser and with a font of the program's own: Vega to SVG, resvg to PNG, pdfkit to PDF. A machine
 * without fonts draws the same as any other.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import PDFDocument from 'pdfkit';
import SVGtoPDF from 'svg-to-pdfkit';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { FONT } from '../results/chart-spec.js';

const require = createRequire(import.meta.url);
const REGULAR = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/** Pixels of a PNG for each of the SVG: sharp on screens of twice the usual density. */
const PNG_ZOOM = 2;
/** A sheet's points for each of the SVG's pixels: 72 to an inch, 96 to an inch. */
const POINTS = 0.75;

/** Vega has it, but not its types. */
type TextMetrics = {
  width: (item: { readonly fontSize?: number; readonly fontWeight?: unknown }, text: unknown) => number;
};

/** Vega only guesses how wide a text is where there is no browser. This is how wide it will be. */
const ruler = new PDFDocument({ autoFirstPage: false });
const { textMetrics } = vega as unknown as { readonly textMetrics: TextMetrics };
textMetrics.width = (item, text) => {
  const isBold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
  return ruler.font(isBold ? BOLD : REGULAR, item.fontSize ?? 11).widthOfString(String(text));
};

/** The picture of a specification of Vega-Lite, as SVG. */
export async function drawSvg(spec: object): Promise<string> {
  const view = new vega.View(vega.parse(compile(spec as TopLevelSpec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

export function toPng(svg: string): Uint8Array {
  const picture = new Resvg(svg, {
    background: '#ffffff',
    fitTo: { mode: 'zoom', value: PNG_ZOOM },
    font: { fontFiles: [REGULAR, BOLD], loadSystemFonts: false, defaultFontFamily: FONT },
  });
  return picture.render().asPng();
}

/** A page for each picture, as large as it is. */
export function toPdf(svgs: readonly string[]): Promise<Uint8Array> {
  const pdf = new PDFDocument({
    autoFirstPage: false,
    info: { Producer: 'privcount', Creator: 'privcount' },
  });
  const chunks: Uint8Array[] = [];
  pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  const fonts = { regular: readFileSync(REGULAR), bold: readFileSync(BOLD) };
  pdf.registerFont('regular', fonts.regular);
  pdf.registerFont('bold', fonts.bold);
  for (const svg of svgs) {
    const { width, height } = sizeOf(svg);
    pdf.addPage({ size: [width * POINTS, height * POINTS], margin: 0 });
    SVGtoPDF(pdf, svg, 0, 0, {
      width: width * POINTS,
      height: height * POINTS,
      assumePt: false,
      fontCallback: (_family, isBold) => (isBold ? 'bold' : 'regular'),
    });
  }
  return new Promise((resolve, reject) => {
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
    pdf.end();
  });
}

/** In pixels, as Vega writes it at the root. */
function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  return { width: Number(width), height: Number(height) };
}
