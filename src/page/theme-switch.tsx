/** Light, dark, or as the system has it. What is chosen stays in this browser (public/theme.js reads it first). */
import { useEffect, useState } from 'preact/hooks';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(chosenTheme());
  const choose = (wanted: Theme): void => {
    setTheme(wanted);
    if (wanted === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = wanted;
    try {
      localStorage.setItem('theme', wanted);
    } catch {
      // Storage may be forbidden: then it holds for this page.
    }
    dispatchEvent(new Event(THEME_CHANGE));
  };
  return (
    <label class="theme">
      Theme{' '}
      <select value={theme} onChange={({ currentTarget }) => choose(currentTarget.value as Theme)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const THEME_CHANGE = 'privcount-theme';
const DARK = '(prefers-color-scheme: dark)';

function chosenTheme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

function isDarkNow(): boolean {
  const chosen = chosenTheme();
  return chosen === 'system' ? matchMedia(DARK).matches : chosen === 'dark';
}

/** For pictures, which have their colours in themselves. */
export function useIsDark(): boolean {
  const [isDark, setDark] = useState(isDarkNow());
  useEffect(() => {
    const onChange = (): void => setDark(isDarkNow());
    const system = matchMedia(DARK);
    system.addEventListener('change', onChange);
    addEventListener(THEME_CHANGE, onChange);
    return () => {
      system.removeEventListener('change', onChange);
      removeEventListener(THEME_CHANGE, onChange);
    };
  }, []);
  return isDark;
}
