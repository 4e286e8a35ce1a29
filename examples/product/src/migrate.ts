import 'reflect-metadata';

import { DataSource } from 'typeorm';

import { databaseOptions } from './database.js';
import { readSettings } from './settings.js';

/** Any number, the same for all who migrate this database. */
const LOCK = 1764000000;

/** Runs the pending migrations; of several at once, one runs them and the others wait for it. */
async function migrate(): Promise<void> {
  const { databaseUrl } = readSettings({ CLIENT_URL: 'not asked', ...process.env });
  const database = await new DataSource(databaseOptions(databaseUrl)).initialize();
  try {
    const session = database.createQueryRunner();
    // Held by this session; PostgreSQL releases it with the connection, however the process ends.
    await session.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const run = await database.runMigrations();
    await session.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    await session.release();
    console.log(run.length ? `migrated: ${run.map((each) => each.name).join(', ')}` : 'nothing to migrate');
  } finally {
    await database.destroy();
  }
}

migrate().catch((error: unknown) => {
  console.error(`migration failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
