import type { Route } from './api.js';

/** Makes an element; text is never read as HTML. */
function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const NUMBER = new Intl.NumberFormat();
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function form(submit: (name: string, kilometres: number) => Promise<void>): HTMLElement {
  const name = element('input', { name: 'name', required: '', maxlength: '80', autocomplete: 'off' });
  const kilometres = element('input', { name: 'kilometres', type: 'number', required: '', min: '1', max: '40000' });
  const fields = element(
    'fieldset',
    {},
    element('label', {}, 'Name', name),
    element('label', { class: 'short' }, 'Kilometres', kilometres),
    element('button', {}, 'Add route'),
  );
  const problem = element('p', { role: 'alert', class: 'problem' });
  const made = element('form', {}, fields, problem);
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    fields.disabled = true; // what is typed meanwhile would be lost
    problem.textContent = '';
    submit(name.value, kilometres.valueAsNumber)
      .then(() => made.reset())
      .catch((error: unknown) => (problem.textContent = messageOf(error)))
      .finally(() => {
        fields.disabled = false;
        name.focus();
      });
  });
  return made;
}

export function table(routes: Route[]): HTMLElement {
  if (routes.length === 0) return element('p', { class: 'empty' }, 'No routes yet. Add the first one above.');
  return element('ul', { class: 'routes' }, ...routes.map(row));
}

function row(route: Route): HTMLElement {
  return element(
    'li',
    {},
    element('a', { href: `/routes/${route.id}` }, route.name),
    element('span', { class: 'number' }, `${NUMBER.format(route.kilometres)} km`),
  );
}

export function card(route: Route | null): HTMLElement {
  const back = element('a', { href: '/', class: 'back' }, '← All routes');
  if (!route) return element('section', { class: 'card' }, element('h1', {}, 'There is no such route'), back);
  return element(
    'section',
    { class: 'card' },
    element('h1', {}, route.name),
    element('p', { class: 'large' }, `${NUMBER.format(route.kilometres)} km`),
    element('p', { class: 'faint' }, 'Added ', time(route.createdAt)),
    back,
  );
}

function time(moment: string): HTMLElement {
  return element('time', { datetime: moment }, DATE.format(new Date(moment)));
}

export function problem(error: unknown): HTMLElement {
  return element('p', { role: 'alert', class: 'problem' }, messageOf(error));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
