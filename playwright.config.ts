// Journeys through the real program in a real browser. Debian's Chromium is used, none is downloaded.
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'test/web',
  testMatch: '**/*.spec.ts',
  outputDir: 'build/journeys',
  // Encoders in software take a core each: where the run decides, no journey disturbs another.
  workers: process.env.CI ? 1 : 2,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // Cameras, encoders and two cores: more tries, and the report names what needed them.
  retries: process.env.CI ? 2 : 0,
  reporter: [['list'], ['json', { outputFile: 'build/journeys.json' }]],
  use: {
    browserName: 'chromium',
    actionTimeout: 20_000,
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--use-fake-ui-for-media-stream'],
    },
    screenshot: 'only-on-failure',
    trace: 'off',
  },
})
