/** The API, at the same address as the page. */
export interface Route {
  id: string;
  name: string;
  kilometres: number;
  createdAt: string;
}

const FIELDS = 'id name kilometres createdAt';

export async function list(): Promise<{ routes: Route[]; version: string }> {
  return ask(`{ version routes(first: 50) { ${FIELDS} } }`);
}

export async function one(id: string): Promise<{ route: Route | null; version: string }> {
  return ask(`query ($id: ID!) { version route(id: $id) { ${FIELDS} } }`, { id });
}

export async function add(name: string, kilometres: number): Promise<Route> {
  const mutation = `mutation ($name: String!, $kilometres: Int!) {
    addRoute(name: $name, kilometres: $kilometres) { ${FIELDS} } }`;
  return (await ask<{ addRoute: Route }>(mutation, { name, kilometres })).addRoute;
}

async function ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json().catch(() => undefined);
  if (answer?.errors?.length) throw new Error(answer.errors[0].message);
  if (!response.ok || !answer?.data) throw new Error(`The API answered ${response.status}.`);
  return answer.data;
}
