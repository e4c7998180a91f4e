import { defineConfig, mergeConfig } from 'vitest/config'
import vite from './vite.config.js'

const unit = {
  name: 'unit',
  environment: 'jsdom',
  include: ['test/unit/**/*.test.{js,jsx}'],
  setupFiles: ['test/unit/setup.js'],
  restoreMocks: true,
  // Long enough for a machine on which much else runs, as below.
  testTimeout: 120_000,
}

const browser = {
  name: 'browser',
  environment: 'node',
  // Under its own name: Vite has a BASE_URL too, and Vitest puts that into the tests' environment.
  env: { FRONT_DOOR: process.env.BASE_URL ?? '' },
  include: ['test/browser/**/*.test.js'],
  // One nginx, one API and one Chromium at a time: each is heavier than its tests.
  fileParallelism: false,
  testTimeout: 240_000,
  hookTimeout: 300_000,
}

export default mergeConfig(
  vite,
  defineConfig({ test: { projects: [{ extends: true, test: unit }, { extends: true, test: browser }] } }),
)
