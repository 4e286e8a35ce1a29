import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A row of the table, and a type of the GraphQL schema. */
@ObjectType()
@Entity('routes')
export class Route {
  @Field(() => ID)
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS' })
  id!: number;

  @Field(() => String)
  @Column({ type: 'text' })
  name!: string;

  @Field(() => Int)
  @Column({ type: 'integer' })
  kilometres!: number;

  @Field(() => Date)
  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
