/** What `privcount plot` can write, apart from how: the libraries for that are large. */
export const PLOT_FORMATS = ['pdf', 'html', 'txt', 'csv', 'svg', 'png'] as const;

export type PlotFormat = (typeof PLOT_FORMATS)[number];

export function isPlotFormat(text: string): text is PlotFormat {
  return (PLOT_FORMATS as readonly string[]).includes(text);
}
