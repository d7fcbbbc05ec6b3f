/**
 * Charts as pictures, without a browser and with a font of the program's own: Vega to SVG, resvg to PNG, pdfkit to PDF. A machine
 * without fonts draws the same as all others. The libraries are large, and loaded when something is drawn: a node never does.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Vega from 'vega';
import { type ChartSpec } from '../results/chart-spec.js';
import { escapeMarkup } from '../results/markup.js';

/** Pixels of a PNG for each of the SVG: sharp on screens of twice the usual density. */
const PNG_ZOOM = 2;
/** What a PNG has at most each way: memory for it is four bytes a pixel. */
const PNG_PIXELS_MAX = 8000;
/** A sheet's points for each of the SVG's pixels: 72 to an inch, 96 to an inch. */
const POINTS = 0.75;
/** Charts of one round are built in a few ways: by the number of bins, and by what is counted. */
const COMPILED_MAX = 64;

/** A picture with one description has no parts that are described: some of Vega's are, whatever the specification says. */
const ROLES_OF_PARTS = / role="graphics-[a-z]+"(?: aria-[a-z]+="[^"]*")*/g;

type VegaSpec = {
  readonly title: object;
  readonly data: readonly { readonly name: string; readonly values?: unknown }[];
};

let fonts: { readonly regular: string; readonly bold: string } | undefined;
let vega: Promise<typeof Vega> | undefined;
const compiled = new Map<string, VegaSpec>();

/** The picture of a specification of Vega-Lite as SVG, with a description for those who do not see it. */
export async function drawSvg(spec: ChartSpec, description: string): Promise<string> {
  vega ??= loadVega();
  const { View, parse } = await vega;
  const view = new View(parse((await toVega(spec)) as Parameters<typeof parse>[0]), { renderer: 'none' });
  try {
    const svg = (await view.toSVG()).replaceAll(ROLES_OF_PARTS, '');
    return svg.replace('<svg', `<svg role="img" aria-label="${escapeMarkup(description)}"`);
  } finally {
    view.finalize();
  }
}

/** Compiling takes as long as drawing, and gives the same for all charts that differ in numbers and words only. */
async function toVega({ title, data, ...rest }: ChartSpec): Promise<VegaSpec> {
  const key = JSON.stringify(rest);
  let built = compiled.get(key);
  if (built === undefined) {
    const { compile } = await import('vega-lite');
    const spec = { ...rest, title, data } as unknown as Parameters<typeof compile>[0];
    built = compile(spec).spec as unknown as VegaSpec;
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(key, built);
  }
  const { text, subtitle } = title;
  return {
    ...built,
    title: { ...built.title, text, subtitle },
    data: built.data.map((set) => ('values' in set ? { ...set, values: data.values } : set)),
  };
}

/** Vega has it, but not its types. */
type TextMetrics = {
  width: (item: { readonly fontSize?: number; readonly fontWeight?: unknown }, text: unknown) => number;
};

/** Vega only guesses how wide a text is where there is no browser. Here it is as wide as it will be drawn. */
async function loadVega(): Promise<typeof Vega> {
  const [library, { default: PDFDocument }] = await Promise.all([import('vega'), import('pdfkit')]);
  const ruler = new PDFDocument({ autoFirstPage: false });
  const { regular, bold } = fontFiles();
  const { textMetrics } = library as unknown as { readonly textMetrics: TextMetrics };
  textMetrics.width = (item, text) => {
    const isBold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
    return ruler.font(isBold ? bold : regular, item.fontSize ?? 11).widthOfString(String(text));
  };
  return library;
}

function fontFiles(): { readonly regular: string; readonly bold: string } {
  const require = createRequire(import.meta.url);
  fonts ??= {
    regular: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
    bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
  };
  return fonts;
}

export async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const { width, height } = sizeOf(svg);
  const { regular, bold } = fontFiles();
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: Math.min(PNG_ZOOM, PNG_PIXELS_MAX / Math.max(width, height)) },
    font: { fontFiles: [regular, bold], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  return picture.render().asPng();
}

/** A page for each picture, as large as it is. */
export async function toPdf(svgs: readonly string[]): Promise<Uint8Array> {
  const [{ default: PDFDocument }, { default: SVGtoPDF }] = await Promise.all([
    import('pdfkit'),
    import('svg-to-pdfkit'),
  ]);
  const pdf = new PDFDocument({
    autoFirstPage: false,
    info: { Producer: 'privcount', Creator: 'privcount' },
  });
  const chunks: Uint8Array[] = [];
  const ended = new Promise<Uint8Array>((resolve, reject) => {
    pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  const { regular, bold } = fontFiles();
  pdf.registerFont('regular', readFileSync(regular));
  pdf.registerFont('bold', readFileSync(bold));
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
  pdf.end();
  return ended;
}

/** In pixels, as Vega writes it at the root. */
function sizeOf(svg: string): { width: number; height: number } {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  return { width: Number(width), height: Number(height) };
}
