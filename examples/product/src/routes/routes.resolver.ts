import { BadRequestException, Inject } from '@nestjs/common';
import { Args, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';

import { SETTINGS } from '../settings.token.js';
import type { Settings } from '../settings.js';
import { Route } from './route.entity.js';

const MOST_ROWS = 100;
const LONGEST_NAME = 80;
const LONGEST_ROUTE = 40_000;

@Resolver(() => Route)
export class RoutesResolver {
  constructor(
    @InjectRepository(Route) private readonly routes: Repository<Route>,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Query(() => String, { description: 'Version of the API.' })
  version(): string {
    return this.settings.version;
  }

  @Query(() => [Route], { name: 'routes', description: `Newest first, at most ${MOST_ROWS}.` })
  async list(@Args('first', { type: () => Int, defaultValue: 50 }) first: number): Promise<Route[]> {
    check(first >= 1 && first <= MOST_ROWS, `first: between 1 and ${MOST_ROWS}`);
    return this.routes.find({ order: { id: 'DESC' }, take: first });
  }

  @Query(() => Route, { name: 'route', nullable: true })
  async one(@Args('id', { type: () => ID }) id: string): Promise<Route | null> {
    return /^[1-9]\d{0,8}$/.test(id) ? this.routes.findOneBy({ id: Number(id) }) : null;
  }

  @Mutation(() => Route)
  async addRoute(
    @Args('name', { type: () => String }) name: string,
    @Args('kilometres', { type: () => Int }) kilometres: number,
  ): Promise<Route> {
    const trimmed = name.trim();
    check(trimmed.length >= 1 && trimmed.length <= LONGEST_NAME, `name: between 1 and ${LONGEST_NAME} characters`);
    check(!trimmed.includes('\0'), 'name: a character that PostgreSQL cannot keep');
    check(kilometres >= 1 && kilometres <= LONGEST_ROUTE, `kilometres: between 1 and ${LONGEST_ROUTE}`);
    return this.routes.save(this.routes.create({ name: trimmed, kilometres }));
  }
}

function check(holds: boolean, message: string): void {
  if (!holds) throw new BadRequestException(message);
}
