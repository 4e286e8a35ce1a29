import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { TypeOrmModule } from '@nestjs/typeorm';

import { databaseOptions } from './database.js';
import { HealthController } from './health.controller.js';
import { RoutesModule } from './routes/routes.module.js';
import { SETTINGS } from './settings.token.js';
import type { Settings } from './settings.js';

/** The longest query in tokens. Types that refer to each other would need a limit of depth as well. */
const MOST_TOKENS = 500;

@Module({})
export class AppModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        TypeOrmModule.forRoot({ ...databaseOptions(settings.databaseUrl), retryAttempts: 5, retryDelay: 2000 }),
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          autoSchemaFile: true, // in memory: the root file system is read-only
          introspection: !settings.production,
          playground: false,
          graphiql: !settings.production,
          csrfPrevention: true,
          allowBatchedHttpRequests: false,
          parseOptions: { maxTokens: MOST_TOKENS },
          includeStacktraceInErrorResponses: !settings.production,
          formatError: (error) =>
            settings.production && error.extensions?.['code'] === 'INTERNAL_SERVER_ERROR'
              ? { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }
              : error,
        }),
        RoutesModule,
      ],
      controllers: [HealthController],
      providers: [{ provide: SETTINGS, useValue: settings }],
      exports: [SETTINGS],
    };
  }
}
