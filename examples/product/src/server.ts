import type { Server } from 'node:http';

import { ConsoleLogger, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DataSource } from 'typeorm';

import { AppModule } from './app.module.js';
import { refusePendingMigrations } from './database.js';
import { onlyFrom } from './origin.js';
import type { Settings } from './settings.js';

/** Longer than the load balancer keeps an idle connection (60 s): it must never send into one that is being closed. */
const KEEP_ALIVE_MS = 65_000;

/** Connects, checks the schema, and listens. */
export async function serve(settings: Settings): Promise<INestApplication> {
  const logger = new ConsoleLogger({ json: settings.production });
  const options = { logger, abortOnError: false };
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), options);
  app.disable('x-powered-by');
  app.use(onlyFrom(settings.clientOrigin));
  app.enableCors({ origin: settings.clientOrigin || true });
  try {
    await refusePendingMigrations(app.get(DataSource));
    await app.listen(settings.port);
  } catch (error) {
    await app.close();
    throw error;
  }
  const server = app.getHttpServer() as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1000;
  return app;
}

/** Takes no new connections, finishes the requests that are under way, then closes the database. */
export async function finish(app: INestApplication): Promise<void> {
  const server = app.getHttpServer() as Server;
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(idle);
  await app.close();
}
