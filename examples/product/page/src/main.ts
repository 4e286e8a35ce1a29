import './style.css';

import { add, list, one } from './api.js';
import { card, form, problem, table } from './views.js';

declare const PAGE_VERSION: string;

const view = document.querySelector<HTMLElement>('#view')!;
const versions = document.querySelector<HTMLElement>('#versions')!;

async function show(): Promise<void> {
  const id = /^\/routes\/([^/]+)$/.exec(location.pathname)?.[1];
  try {
    const version = id === undefined ? await showAll() : await showOne(decodeURIComponent(id));
    versions.textContent = `Page ${PAGE_VERSION} · API ${version}`;
  } catch (error) {
    view.replaceChildren(problem(error));
  }
}

async function showAll(): Promise<string> {
  const { routes, version } = await list();
  let rows = table(routes);
  const adding = form(async (name, kilometres) => {
    routes.unshift(await add(name, kilometres));
    const newer = table(routes);
    rows.replaceWith(newer);
    rows = newer;
  });
  document.title = 'Routes';
  view.replaceChildren(adding, rows);
  return version;
}

async function showOne(id: string): Promise<string> {
  const { route, version } = await one(id);
  document.title = route ? `${route.name} – Routes` : 'Routes';
  view.replaceChildren(card(route));
  return version;
}

// Links within the page change its address and nothing is loaded again.
document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest('a');
  if (!link || link.origin !== location.origin || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  void show();
});
window.addEventListener('popstate', () => void show());
void show();
