import 'reflect-metadata';

import { finish, serve } from './server.js';
import { readSettings } from './settings.js';

async function main(): Promise<void> {
  const app = await serve(readSettings(process.env));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      console.log(JSON.stringify({ level: 'log', message: `${signal}: finishing` }));
      finish(app).then(() => process.exit(0), fail);
    });
  }
}

function fail(error: unknown): void {
  console.error(JSON.stringify({ level: 'fatal', message: error instanceof Error ? error.message : String(error) }));
  process.exit(1);
}

main().catch(fail);
