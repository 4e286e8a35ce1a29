import type { DataSource, DataSourceOptions } from 'typeorm';

import { migrations } from './migrations/index.js';
import { Route } from './routes/route.entity.js';

const SECONDS_TO_CONNECT = 10;
/** Two tasks run beside each other during a release, and the database allows 100 connections. */
const CONNECTIONS = 10;

export function databaseOptions(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [Route],
    migrations,
    migrationsTransactionMode: 'each',
    // The schema changes by migrations only.
    synchronize: false,
    connectTimeoutMS: SECONDS_TO_CONNECT * 1000,
    poolSize: CONNECTIONS,
  };
}

/** Refuses to serve a schema that this image's migrations have not made: then a release gets no users. */
export async function refusePendingMigrations(database: DataSource): Promise<void> {
  if (await database.showMigrations()) {
    throw new Error('migrations are pending: run `node dist/migrate.js` with this image first');
  }
}
