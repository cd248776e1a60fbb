/** Completion while a target is written. */

/**
 * @param {HTMLTextAreaElement} input
 * @param {() => void} done the text is to be asked
 */
export function complete(input, done) {
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    done();
  });
}
