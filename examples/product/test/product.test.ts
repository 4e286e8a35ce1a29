import 'reflect-metadata';

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { databaseOptions } from '../src/database.js';
import { finish, serve } from '../src/server.js';
import { readSettings } from '../src/settings.js';

const CLIENT_URL = 'https://page.example';
const URL_OF_DATABASE = process.env['DATABASE_URL'];
if (!URL_OF_DATABASE) throw new Error('give an empty PostgreSQL database as DATABASE_URL');
const ENVIRONMENT = { NODE_ENV: 'production', PORT: '0', DATABASE_URL: URL_OF_DATABASE, CLIENT_URL };

let app: INestApplication;
let address: string;

before(async () => {
  const database = await new DataSource(databaseOptions(ENVIRONMENT.DATABASE_URL)).initialize();
  await database.query('DROP TABLE IF EXISTS routes, migrations');
  await database.destroy();
  await assert.rejects(serve(readSettings(ENVIRONMENT)), /migrations are pending/);
  const runs = await Promise.all([migrate(), migrate(), migrate()]);
  assert.deepEqual(runs.filter((run) => run.stdout.includes('CreateRoutes')).length, 1, JSON.stringify(runs));
  app = await serve(readSettings(ENVIRONMENT));
  address = (await app.getUrl()).replace('[::1]', 'localhost');
});

after(async () => {
  await finish(app);
});

async function migrate(): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, ['build/src/migrate.js'], { env: { ...process.env, ...ENVIRONMENT } });
}

async function ask(query: string, headers: Record<string, string> = {}): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: CLIENT_URL, ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: answer.status, body: await answer.json() };
}

test('the health path answers', async () => {
  const answer = await fetch(`${address}/health`);
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { status: 'ok', version: 'development' });
  assert.equal(answer.headers.get('x-powered-by'), null);
});

test('a route is added, listed first, and found by its id', async () => {
  const added = await ask('mutation { addRoute(name: " Col de Clapier ", kilometres: 12) { id name kilometres } }');
  assert.equal(added.body.data.addRoute.name, 'Col de Clapier');
  const { id } = added.body.data.addRoute;
  const listed = await ask('{ routes(first: 1) { id createdAt } }');
  assert.equal(listed.body.data.routes[0].id, id);
  assert.ok(Date.parse(listed.body.data.routes[0].createdAt) > Date.now() - 60_000);
  assert.equal((await ask(`{ route(id: "${id}") { kilometres } }`)).body.data.route.kilometres, 12);
  for (const unknown of ['999999', '0', 'x', '99999999999999999999']) {
    assert.equal((await ask(`{ route(id: "${unknown}") { id } }`)).body.data.route, null);
  }
});

test('what cannot be a route is refused, with the reason', async () => {
  const long = 'x'.repeat(81);
  for (const given of ['name: " ", kilometres: 1', `name: "${long}", kilometres: 1`, 'name: "x", kilometres: 0']) {
    const { body } = await ask(`mutation { addRoute(${given}) { id } }`);
    assert.equal(body.errors[0].extensions.code, 'BAD_REQUEST', given);
    assert.match(body.errors[0].message, /between 1 and/);
  }
  assert.match((await ask('{ routes(first: 101) { id } }')).body.errors[0].message, /first: between 1 and 100/);
});

test('only the page may ask: no other origin, no plain form, and no schema for strangers', async () => {
  assert.equal((await ask('{ version }', { origin: 'https://other.example' })).status, 403);
  assert.equal((await ask('{ version }', { origin: 'null' })).status, 403);
  const form = await ask('{ version }', { 'content-type': 'text/plain' });
  assert.equal(form.body.data, undefined);
  assert.ok(form.status >= 400);
  const link = await fetch(`${address}/graphql?query=%7Bversion%7D`);
  assert.equal(link.status, 400);
  assert.match((await ask('{ __schema { types { name } } }')).body.errors[0].message, /introspection is not allowed/);
});

test('a query that is too long is refused', async () => {
  const long = await ask(`{ ${Array.from({ length: 300 }, (_, i) => `a${i}: version`).join(' ')} }`);
  assert.match(long.body.errors[0].message, /500 tokens/);
});

test('what breaks inside is not told to strangers', async () => {
  const database = app.get(DataSource);
  await database.query('ALTER TABLE routes RENAME TO elsewhere');
  const { body } = await ask('{ routes { id } }');
  await database.query('ALTER TABLE elsewhere RENAME TO routes');
  assert.deepEqual(body.errors, [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
});

test('a request that is under way is finished before the server ends', async () => {
  const other = await serve(readSettings(ENVIRONMENT));
  const url = (await other.getUrl()).replace('[::1]', 'localhost');
  const lock = app.get(DataSource).createQueryRunner();
  await lock.startTransaction();
  await lock.query('LOCK TABLE routes');
  const answer = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ routes { id } }"}',
  });
  await waiting(app.get(DataSource));
  const ended = finish(other);
  await lock.commitTransaction();
  await lock.release();
  const { data } = (await (await answer).json()) as { data: { routes: unknown[] } };
  assert.ok(data.routes.length > 0);
  await ended;
  await assert.rejects(fetch(`${url}/health`));
});

async function waiting(database: DataSource): Promise<void> {
  const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  while ((await database.query(sql))[0].n === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
