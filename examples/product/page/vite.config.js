import { defineConfig } from 'vite';

export default defineConfig({
  define: { PAGE_VERSION: JSON.stringify(process.env.PRODUCT_VERSION ?? 'development') },
  // The polyfill for old browsers is an inline script's work, which the content security policy forbids.
  build: { modulePreload: { polyfill: false }, emptyOutDir: true },
  server: { proxy: { '/graphql': 'http://localhost:3000' } },
});
