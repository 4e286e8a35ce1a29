import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readSettings } from '../src/settings.js';

const COMPLETE = { NODE_ENV: 'production', DATABASE_URL: 'postgresql://x', CLIENT_URL: 'https://page.example/' };

test('what is missing is named', () => {
  assert.throws(() => readSettings({ ...COMPLETE, DATABASE_URL: '' }), /DATABASE_URL is not set/);
  assert.throws(() => readSettings({ ...COMPLETE, CLIENT_URL: undefined }), /CLIENT_URL is not set/);
  assert.throws(() => readSettings({ ...COMPLETE, PORT: 'eighty' }), /PORT is no port: eighty/);
});

test('the origin of the page is compared as a browser sends it', () => {
  assert.equal(readSettings(COMPLETE).clientOrigin, 'https://page.example');
  assert.equal(readSettings({ ...COMPLETE, CLIENT_URL: 'none yet' }).clientOrigin, 'none yet');
  assert.equal(readSettings({ DATABASE_URL: 'postgresql://x' }).clientOrigin, '');
});
