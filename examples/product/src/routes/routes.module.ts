import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Route } from './route.entity.js';
import { RoutesResolver } from './routes.resolver.js';

@Module({ imports: [TypeOrmModule.forFeature([Route])], providers: [RoutesResolver] })
export class RoutesModule {}
