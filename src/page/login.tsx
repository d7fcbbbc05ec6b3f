/** Asks for the token that the tally's operator gave. */
import { useState } from 'preact/hooks';
import { type LoginResult, showToken } from './live.js';

const PROBLEMS: Readonly<Record<Exclude<LoginResult, 'welcome'>, string>> = {
  wrong: 'This is not the token.',
  'too many': 'Too many wrong tokens: wait a minute.',
  'no answer': 'The tally does not answer.',
};

export function Login({ onWelcome }: { readonly onWelcome: () => void }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string>();
  const send = async (): Promise<void> => {
    const result = await showToken(token.trim());
    if (result === 'welcome') onWelcome();
    else setProblem(PROBLEMS[result]);
  };
  return (
    <section class="card login" aria-labelledby="login-title">
      <h1 id="login-title">The room is locked</h1>
      <p>The operator of the tally has its token: it is in the file that config.yaml names.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token}
          aria-describedby="login-problem"
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <button type="submit">Enter</button>
        <p id="login-problem" role="alert">
          {problem}
        </p>
      </form>
    </section>
  );
}
