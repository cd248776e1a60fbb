/**
 * What reaches the management console and was meant for another port: a StatsD line, a carbon line,
 * an HTTP request. It is counted and answered in one line that says where to send it. For
 * `daemon.ts`.
 */
import {
  HINT_CODES,
  hintOf,
  type HintPlaces,
  hintSentence,
  WRONG_PROTOCOL,
  NO_HINT,
} from '../rejections/mistakes.ts';
import { type Rejection, Rejections } from '../rejections/rejections.ts';

export class WrongPort {
  private readonly mistakes = new Rejections(WRONG_PROTOCOL.console, HINT_CODES);

  /** The answer to text that is no command, undefined when nobody knows what it was meant to be. */
  answer(text: string, places: HintPlaces, nowSeconds: number): string | undefined {
    const bytes = Buffer.from(text);
    const mistake = hintOf(bytes, 0, bytes.length, 'console');
    if (mistake === NO_HINT) return undefined;
    this.mistakes.noteText(mistake, text, nowSeconds);
    const sentence = hintSentence(HINT_CODES[mistake]!, 'console', places);
    return `ERROR: ${sentence}; this is the management console\n`;
  }

  rejections(): Rejection[] {
    return this.mistakes.list();
  }
}
