import { Controller, Get, Inject } from '@nestjs/common';

import { SETTINGS } from './settings.token.js';
import type { Settings } from './settings.js';

/** Asked by the load balancer and by the container itself. It answers as soon as the API listens, which it does when
 * the database is connected and migrated. It asks nothing else: a database that stumbles must not end every task. */
@Controller('health')
export class HealthController {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  @Get()
  health(): { status: string; version: string } {
    return { status: 'ok', version: this.settings.version };
  }
}
