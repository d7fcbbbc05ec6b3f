// Runs before anything is painted, so that a page in a chosen theme does not flash in the other. See theme-switch.tsx.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden: then the theme is the system's.
}
