import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    // Every browser this page supports preloads modules itself.
    modulePreload: { polyfill: false },
  },
  server: {
    // The load balancer's rule, for `npm run dev` beside an API on its default port.
    proxy: { '/api': 'http://127.0.0.1:8080' },
  },
})
