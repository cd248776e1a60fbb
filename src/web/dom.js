/**
 * Elements. Whatever comes from a server or a user becomes a text node or an attribute's value here,
 * never markup: there is no other way to make an element on this page.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/**
 * @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Attribute
 * @typedef {Record<string, Attribute>} Attributes
 */

/**
 * `make('button', { class: 'quiet', onclick: go }, 'Go')`. Functions are listeners, `true` is an
 * attribute without a value, `false`, null and undefined are left out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value);
    } else element.setAttribute(name, value === true ? '' : String(value));
  }
  fill(element, ...children);
  return element;
}

/**
 * Puts these in the place of what is there.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => (typeof child === 'number' ? String(child) : /** @type {Node} */ (child))),
  );
}

/**
 * An element of the page by its id; the page has it.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * Tells screen readers, and whoever looks at the foot of the page, for a few seconds.
 *
 * @param {string} text
 */
export function say(text) {
  byId('said').textContent = text;
  clearTimeout(saying);
  saying = setTimeout(() => (byId('said').textContent = ''), 4000);
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
let saying;

/**
 * A colour or length of the style sheet.
 *
 * @param {string} name of a custom property, with its dashes
 */
export function styleOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * Calls once things have been quiet for a while.
 *
 * @template {unknown[]} A
 * @param {(...args: A) => void} call
 * @param {number} quietMs
 * @returns {(...args: A) => void}
 */
export function whenQuiet(call, quietMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), quietMs);
  };
}

/**
 * Marks an item of the list below an input as the one that is chosen; none where there is no such.
 *
 * @param {HTMLElement} input
 * @param {Element} list
 * @param {number} index
 */
export function pointAt(input, list, index) {
  for (const [i, item] of [...list.children].entries()) {
    item.setAttribute('aria-selected', String(i === index));
  }
  const chosen = list.children[index];
  chosen?.scrollIntoView({ block: 'nearest' });
  if (chosen) input.setAttribute('aria-activedescendant', chosen.id);
  else input.removeAttribute('aria-activedescendant');
}
