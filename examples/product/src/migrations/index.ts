import { CreateRoutes1764000000000 } from './1764000000000-create-routes.js';

/** In the order in which they are run; a released one is never changed. */
export const migrations = [CreateRoutes1764000000000];
