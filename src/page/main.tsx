/** The tally room: begins here. */
import { render } from 'preact';
import { App } from './app.js';

const room = document.getElementById('room')!;
room.replaceChildren();
render(<App />, room);
